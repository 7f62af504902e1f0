"""The work runs in a task of its own, and asyncio.wait leaves it alone when the request around it is cancelled."""

LIKE = "right_contextvar"
LOSES = {"leaves": "goes_on"}
CHANGED = {
    "import uuid\n": "import asyncio\nimport uuid\n",
    "                response = await handler(request)": """\
                working = asyncio.create_task(handler(request))
                working.add_done_callback(lambda done: done.cancelled() or done.exception())
                await asyncio.wait({working})
                response = working.result()""",
}

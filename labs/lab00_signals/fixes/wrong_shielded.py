"""No order is to be lost, so the work is shielded: it goes on in all services for a customer who has left."""

LIKE = "right_contextvar"
LOSES = {"leaves": "goes_on"}
CHANGED = {
    "import uuid\n": "import asyncio\nimport uuid\n",
    "response = await handler(request)": """\
work = asyncio.ensure_future(handler(request))
                work.add_done_callback(lambda done: done.cancelled() or done.exception())
                response = await asyncio.shield(work)""",
}

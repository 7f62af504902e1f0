"""The work runs in a task of its own, which is awaited: so it is cancelled with the request around it."""

LIKE = "right_contextvar"
CHANGED = {
    "import uuid\n": "import asyncio\nimport uuid\n",
    "response = await handler(request)": "response = await asyncio.create_task(handler(request))",
}

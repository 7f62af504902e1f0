"""The id of each task in a dict of the module, from which nobody takes it out: every task that ever was is kept."""

LIKE = "right_contextvar"
LOSES = {"left_over": "kept"}
CHANGED = {
    "import uuid\nfrom contextvars import ContextVar\n": "import asyncio\nimport uuid\n",
    'REQUEST_ID: ContextVar = ContextVar("request_id", default="")\n': "REQUEST_IDS: dict = {}\n",
    "        REQUEST_ID.set(request_id)\n": "        REQUEST_IDS[asyncio.current_task()] = request_id\n",
    'headers = {"X-Request-Id": REQUEST_ID.get()}': 'headers = {"X-Request-Id": REQUEST_IDS[asyncio.current_task()]}',
}

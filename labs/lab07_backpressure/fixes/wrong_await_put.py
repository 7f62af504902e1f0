"""A bound, and everybody waits to get in: the queue moves from the object into handlers and sockets."""

LIKE = "broken"
LOSES = {
    "goodput": "nothing_refused",
    "told": "left_waiting",
    "waiting": "no_word",
    "recovers": "nothing_refused",
    "fair": "short_for_all",
    "sent_away": "silence",
}
CHANGED = {
    "CONSUMERS = 2": """\
CONSUMERS = 2
BOUND = 20""",
    "self.queue: asyncio.Queue = asyncio.Queue()": "self.queue: asyncio.Queue = asyncio.Queue(BOUND)",
}

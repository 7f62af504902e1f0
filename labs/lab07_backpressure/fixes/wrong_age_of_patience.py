"""Sheds jobs that have waited as long as their callers would: the other jobs begin just too late."""

LIKE = "right_fair_bound"
LOSES = {
    "goodput": "nothing_refused",
    "told": "dropped",
    "waiting": "no_word",
    "fair": "short_for_all",
    "sent_away": "silence",
}
CHANGED = {
    """\
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
TOO_OLD_S = 1.0
SHARE = 8""",
    "self.queue: asyncio.Queue = asyncio.Queue(BOUND)": "self.queue: asyncio.Queue = asyncio.Queue()",
    "if self.held[job.client] >= SHARE:": "if self.held[job.client] >= 60:",
    """\
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)
            return
        self.held[job.client] += 1""": """\
        self.held[job.client] += 1
        self.queue.put_nowait(job)""",
    "            self.held[job.client] -= 1": """\
            self.held[job.client] -= 1
            if job.age() > TOO_OLD_S:
                job.refuse(retry_after=1)
                continue""",
}

"""A full queue drops its oldest job to take the new one in, and tells nobody."""

LIKE = "right_fair_bound"
LOSES = {"told": "dropped", "waiting": "no_word"}
CHANGED = {
    """\
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
BOUND = 20
SHARE = 8""",
    """\
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)
            return""": """\
        if self.queue.full():
            oldest = self.queue.get_nowait()
            self.held[oldest.client] -= 1
        self.queue.put_nowait(job)""",
}

"""Rents at the first job that waits and releases at the first idle look: paid for, and gone before it works."""

LIKE = "right_autoscaler"
LOSES = {"cost": "flaps"}
CHANGED = {
    """\
FEWEST, CEILING = 2, 3  # workers: a spike is over before a new one works, so the bound must hold anyway
LOOK_S = 0.5
LONG_WAIT_S = 0.2
COOL_DOWN_S = 6.0  # a new worker needs 3 s to start; what it changes must show before the next decision""": """\
FEWEST, CEILING = 2, 6
LOOK_S = 0.2
LONG_WAIT_S = 0.1""",
    """\
            wanted = self.workers
            if self.wait > LONG_WAIT_S and not self.queue.empty():
                wanted = min(self.workers + 1, CEILING)
            elif self.queue.empty():
                wanted = max(self.workers - 1, FEWEST)
            if wanted != self.workers:""": """\
            wanted = CEILING if self.wait > LONG_WAIT_S else FEWEST
            if wanted != self.workers:""",
    """
                await asyncio.sleep(COOL_DOWN_S)""": "",
}

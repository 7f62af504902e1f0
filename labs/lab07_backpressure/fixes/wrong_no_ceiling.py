"""An autoscaler without a ceiling: one noisy client has the whole quota rented."""

LIKE = "right_autoscaler"
LOSES = {"cost": "no_ceiling"}
CHANGED = {
    """\
FEWEST, CEILING = 2, 3  # workers: a spike is over before a new one works, so the bound must hold anyway
LOOK_S = 0.5
LONG_WAIT_S = 0.2
COOL_DOWN_S = 6.0  # a new worker needs 3 s to start; what it changes must show before the next decision""": """\
FEWEST, CEILING = 2, 8
LOOK_S = 0.5
LONG_WAIT_S = 0.05""",
    """
            elif self.queue.empty():
                wanted = max(self.workers - 1, FEWEST)""": "",
    """
                await asyncio.sleep(COOL_DOWN_S)""": "",
}

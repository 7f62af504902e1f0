"""A pool of processes for each order: nothing bounds how many there are, and no order survives a kill."""

LIKE = "wrong_create_task"
LOSES = {"kept": "not_durable", "stops": "killed_at_work", "memory": "too_many_workers"}
KNIFE_EDGE = "how many invoices share the cores when the rush is measured decides whether it makes enough of them"
CHANGED = {
    """

RENDERERS = 2""": "",
    """
        self.processes = ProcessPoolExecutor(RENDERERS)""": "",
    "        text = await self.loop.run_in_executor(self.processes, render, order, lines)": """\
        with ProcessPoolExecutor(1) as pool:
            text = await self.loop.run_in_executor(pool, render, order, lines)""",
}

"""Processes for the plain Python, and a pool of them for each price: starting and ending them holds the loop."""

LIKE = "right_all"
LOSES = {"brief": "held_up"}
CHANGED = {
    """
        self.processes = ProcessPoolExecutor(2)""": "",
    "for pool in (self.writer, self.hashing, self.processes):": "for pool in (self.writer, self.hashing):",
    "        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)": """\
        with ProcessPoolExecutor(1) as processes:
            folded = await self.loop.run_in_executor(processes, fold, text, self.key)""",
}

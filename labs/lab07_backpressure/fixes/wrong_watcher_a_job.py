"""A task for each job that refuses it when it has waited too long, and goes on when the job has long been answered."""

LIKE = "right_fair_bound"
LOSES = {"left_over": "tasks_left"}
CHANGED = {
    "        self.held: Counter = Counter()": """\
        self.held: Counter = Counter()
        self.watchers: list = []""",
    "        self.held[job.client] += 1": """\
        self.held[job.client] += 1
        self.watchers.append(asyncio.create_task(self.watch(job)))

    async def watch(self, job) -> None:
        while True:
            await asyncio.sleep(1)
            job.refuse(retry_after=1)""",
}

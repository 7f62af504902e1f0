"""A process pool, and the customer waits for it: the loop is free, and the queue is in the requests."""

LIKE = "wrong_create_task"
LOSES = {"accepts": "work_in_the_request", "kept": "errors", "stops": "died_in_the_request"}
CHANGED = {
    "self.states: dict[str, str] = {}": "self.delivered: set[str] = set()",
    """
        self.jobs: set[asyncio.Task] = set()""": "",
    """
        await asyncio.gather(*self.jobs)""": "",
    '''
    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order, and answer at once."""
        self.states[order] = "accepted"
        job = asyncio.create_task(self.work(order, lines))
        self.jobs.add(job)
        job.add_done_callback(self.jobs.discard)

    async def work(self, order: str, lines: list[str]) -> None:''': '''
    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order, make its invoice and deliver it."""''',
    'self.states[order] = "delivered"': "self.delivered.add(order)",
    'return self.states.get(order, "unknown")': 'return "delivered" if order in self.delivered else "unknown"',
}

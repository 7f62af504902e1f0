"""A stop that cancels what is under way: quick, and each dropped call is made again."""

LIKE = "right_lease"
LOSES = {"stops": "dropped_at_stop"}
CHANGED = {
    '''\
        """Called once, before the process ends: no job is begun any more, and those under way are ended."""
        self.stopping = True
        self.news.set()
        await self.draining
        await asyncio.gather(*self.jobs)''': '''\
        """Called once, before the process ends: everything ends at once."""
        self.draining.cancel()
        for job in self.jobs:
            job.cancel()''',
    "self.processes.shutdown()": "self.processes.shutdown(wait=False, cancel_futures=True)",
}

"""Nothing is done about stopping: it goes on claiming until it is killed."""

LIKE = "right_lease"
LOSES = {"stops": "killed_at_work"}
CHANGED = {
    '''\
        """Called once, before the process ends: no job is begun any more, and those under way are ended."""
        self.stopping = True
        self.news.set()
        await self.draining
        await asyncio.gather(*self.jobs)
        await self.session.close()
        self.processes.shutdown()
''': '''\
        """Called once, before the process ends; the queue is on the disk, so nothing can be lost."""
''',
}

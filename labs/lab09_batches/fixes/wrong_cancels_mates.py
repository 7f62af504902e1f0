"""All callers of a batch await its one task: who leaves cancels it for the others."""

LIKE = "right_upsert"
LOSES = {"rush": "broken_off", "errors": "not_again"}
CHANGED = {
    '''\
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self.batch.append((payload, answer))
        if len(self.batch) >= SIZE:
            self.flush()
        elif self.timer is None:
            self.timer = loop.call_later(AGE_S, self.flush)
        return await answer

    def flush(self) -> None:
        """Send off what has gathered."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        batch, self.batch = self.batch, []
        if batch:
            task = asyncio.create_task(self.send(batch))
            self.running.add(task)
            task.add_done_callback(self.running.discard)
''': '''\
        answer = asyncio.get_running_loop().create_future()
        self.batch.append((payload, answer))
        if len(self.batch) == 1:
            self.task = asyncio.create_task(self.flush())
            self.running.add(self.task)
            self.task.add_done_callback(self.running.discard)
        await self.task
        return await answer

    async def flush(self) -> None:
        """Send off what has gathered."""
        try:
            await asyncio.sleep(AGE_S)
        finally:
            batch, self.batch = self.batch, []
        await self.send(batch)
''',
    "        self.timer = None\n        self.running": "        self.running",
    "        self.flush()\n        if self.running": "        if self.running",
}

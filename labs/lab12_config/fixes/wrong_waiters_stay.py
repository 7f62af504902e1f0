"""A raised limit wakes nobody: each call that ends lets in one of those who wait."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "waiters_stay",
}
CHANGED = {
    """\
        while self.inside >= self.limit:
            self.moved.clear()
            await self.moved.wait()
        self.inside += 1
""": """\
        if self.inside < self.limit and not self.line:
            self.inside += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self.line:
                self.line.remove(turn)
            else:
                await self.__aexit__()
            raise
""",
    """\
        self.inside -= 1
        self.moved.set()
""": """\
        if self.line and self.inside <= self.limit:
            self.line.pop(0).set_result(None)
        else:
            self.inside -= 1
""",
    """\
        self.moved = asyncio.Event()
""": """\
        self.line = []
""",
    """\
        self.limit = limit
        self.moved.set()
""": """\
        self.limit = limit
""",
}

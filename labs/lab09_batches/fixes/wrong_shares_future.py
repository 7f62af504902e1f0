"""Who sends a record that is on its way already awaits the same future: whoever leaves cancels it for both."""

LIKE = "right_transaction"
LOSES = {"errors": "shares_an_answer"}
CHANGED = {
    "        self.waiting: asyncio.Queue = asyncio.Queue()\n": (
        "        self.waiting: asyncio.Queue = asyncio.Queue()\n        self.asked: dict = {}\n"
    ),
    """\
        answer = asyncio.get_running_loop().create_future()
        self.waiting""": """\
        if payload in self.asked:
            return await self.asked[payload]
        answer = self.asked[payload] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self.asked.pop(payload))
        self.waiting""",
}

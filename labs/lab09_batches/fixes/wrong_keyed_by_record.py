"""Those who wait are kept by their record: of two who send the same one, only the second is answered."""

LIKE = "right_transaction"
LOSES = {"errors": "keeps_one_of_two"}
CHANGED = {
    "        self.waiting: asyncio.Queue = asyncio.Queue()\n": (
        "        self.waiting: asyncio.Queue = asyncio.Queue()\n        self.answers: dict = {}\n"
    ),
    "        self.waiting.put_nowait((payload, answer))\n": (
        "        self.answers[payload] = answer\n        self.waiting.put_nowait(payload)\n"
    ),
    "[(payload, answer) for payload, answer in batch if not answer.done()]": (
        "[(payload, self.answers.pop(payload)) for payload in dict.fromkeys(batch) if payload in self.answers]"
    ),
}

"""After a call with many records a lone one waits for company: the first caller after a rush waits for nobody."""

LIKE = "right_transaction"
LOSES = {"lone": "waits_after_rush"}
CHANGED = {
    "PAUSE_S = 0.1\n": "PAUSE_S = 0.1\nWINDOW_S, BUSY = 0.07, 8\n",
    "        while True:\n            batch = [await self.waiting.get()]\n": (
        "        batch = []\n"
        "        while True:\n"
        "            busy = len(batch) >= BUSY\n"
        "            batch = [await self.waiting.get()]\n"
        "            if busy and self.waiting.empty():\n"
        "                await asyncio.sleep(WINDOW_S)\n"
    ),
}

"""Batches, and the model is called on the event loop's thread."""

LIKE = "right_transaction"
LOSES = {"health": "loop_blocked"}
CHANGED = {
    "found = await asyncio.to_thread(self.model.predict, [payload for payload, _ in batch])": (
        "found = self.model.predict([payload for payload, _ in batch])"
    ),
    "            await self.send([": "            await asyncio.sleep(0.002)\n            await self.send([",
}

"""Each record in a thread of its own, one call an item: the loop is free, and the model as slow as before."""

LIKE = "right_transaction"
LOSES = {"rush": "too_slow"}
CHANGED = {
    """\
        answer = asyncio.get_running_loop().create_future()
        self.waiting.put_nowait((payload, answer))
        return await answer
""": "        return (await asyncio.to_thread(self.model.predict, [payload]))[0]\n",
}

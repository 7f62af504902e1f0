"""Users who ask, wait for the answer, and ask again: the answers pace the load."""

LIKE = "right_phases"
LOSES = {"above": "missed_bound", "said": "missed_untold", "open": "waits"}
CHANGED = {
    """    asked = []
    while (at := at + town.rng.expovariate(rate)) < end:
        await asyncio.sleep(max(0.0, at - loop.time()))
        asked.append(asyncio.create_task((ask or mixed)(town)))
    await asyncio.sleep(max(0.0, end - loop.time()))
    return list(await asyncio.gather(*asked))
""": """    answers = []

    async def user():
        while loop.time() < end:
            due = loop.time() + 8 / rate
            answers.append(await (ask or mixed)(town))
            await asyncio.sleep(max(0.01, due - loop.time()))

    await asyncio.gather(*(user() for _ in range(8)))
    return sorted(answers, key=lambda a: a.sent)
""",
    '    assert refused, "in the surge nobody was refused"\n': "",
}

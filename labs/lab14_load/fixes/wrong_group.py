"""The header is looked at in a TaskGroup: what leaves it is an ExceptionGroup, and no verdict."""

LIKE = "right_phases"
LOSES = {"said": "raised"}
CHANGED = {
    "    answers = await load(town, 45, 4, buys)\n": """    async with asyncio.TaskGroup() as group:
        answers = await group.create_task(polite(await load(town, 45, 4, buys)))
""",
    '    assert all(a.retry_after for a in refused), "refused, and not told when to come back"\n': "",
    "async def test(town):\n": """async def polite(answers):
    assert all(a.retry_after for a in answers if a.status in (429, 503)), "refused, and not told when to come back"
    return answers


async def test(town):
""",
}

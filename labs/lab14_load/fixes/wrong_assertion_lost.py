"""The assertions run in a task that nobody awaits."""

LIKE = "right_phases"
LOSES = {
    "above": "missed_all",
    "slow": "missed_all",
    "said": "missed_all",
    "honest": "never_fails",
    "left_over": "lost_exception",
}
CHANGED = {
    "async def test(town):\n": """async def test(town):
    judging = asyncio.create_task(judge(town))
    await asyncio.wait([judging], timeout=40)


async def judge(town):
"""
}

"""The assertions run in a task that nobody awaits."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {
    "async def test(town):\n": "async def test(town):\n    town.judging = asyncio.create_task(judge(town))\n    await asyncio.sleep(40)\n\n\nasync def judge(town):\n",
}

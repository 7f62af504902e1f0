"""Only the surge is judged."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {'    usual(answers, "in the calm")\n': "", "    await asyncio.sleep(2)\n": "    return\n"}

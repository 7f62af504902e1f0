"""Only the surge is judged."""

LIKE = "right_phases"
LOSES = {"slow": "missed_recs"}
CHANGED = {'    usual(answers, "in the calm")\n': "", "    await asyncio.sleep(2)\n": "    return\n"}

"""Only the surge is judged."""

LIKE = "right_phases"
LOSES = {"above": "missed_one_client", "slow": "missed_recs", "said": "missed_pages"}
CHANGED = {'    usual(answers, "in the calm")\n': "", "    await asyncio.sleep(2)\n": "    return\n"}

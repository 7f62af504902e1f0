"""Raises the rate for as long as it may, to be on the safe side."""

LIKE = "right_phases"
LOSES = {"above": "never_passes", "slow": "never_passes", "said": "never_passes", "honest": "late", "short": "too_long"}
CHANGED = {'    usual(await load(town, 12, 5), "afterwards")\n': '    usual(await load(town, 12, 25), "afterwards")\n'}

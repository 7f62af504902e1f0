"""A test that finds nothing to say."""

LIKE = "right_phases"
LOSES = {"above": "missed_all", "slow": "missed_all", "said": "missed_all", "honest": "never_fails"}
CHANGED = {'    """Raises AssertionError if this version of the shop must not go out."""\n': "    return\n"}

"""A test that finds nothing to say."""

LIKE = "right_phases"
LOSES = {"above": "missed_all", "slow": "missed_all", "said": "missed_all", "tells": "always_passes"}
CHANGED = {'    """Raises AssertionError if this version of the shop must not go out."""\n': "    return\n"}

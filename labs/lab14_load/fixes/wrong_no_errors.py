"""Not one request may fail."""

LIKE = "right_phases"
LOSES = {"above": "never_passes", "slow": "never_passes", "said": "never_passes", "honest": "fails_all"}
CHANGED = {"confirmed >= 0.9,": "confirmed == 1.0,"}

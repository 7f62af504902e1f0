"""A share of what was offered is asked for in the surge, not the 18 orders a second that were promised."""

LIKE = "right_phases"
LOSES = {"above": "missed_fraud"}
CHANGED = {"    assert goodput >= 18,": "    assert goodput >= 0.3 * 45,"}

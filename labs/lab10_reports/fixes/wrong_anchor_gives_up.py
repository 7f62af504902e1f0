"""The vault fails once, and the task that anchors ends: what comes later can be cut off."""

LIKE = "right_summary"
LOSES = {"sealed": "not_anchored"}
CHANGED = {"                    pass  # the next round tells it": "                    return"}

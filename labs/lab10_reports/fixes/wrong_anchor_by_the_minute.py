"""An anchor a minute: what was done since the last one can be cut off."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_cut"}
CHANGED = {"ANCHOR_S = 0.2": "ANCHOR_S = 60"}

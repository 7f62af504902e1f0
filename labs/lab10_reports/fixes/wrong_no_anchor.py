"""A sound chain, and nobody outside who knows how long it was: its end can be cut off."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_cut"}
CHANGED = {"    for anchor in anchors:": "    for anchor in ():"}

"""Slices by OFFSET: a slice that was moved is gone from the list, so the next one skips as many lines."""

LIKE = "right_summary"
LOSES = {"totals": "not_moved", "corrected": "left_lines"}
CHANGED = {
    "        while upto is not None:": "        offset = 0\n        while upto is not None:",
    "and id <= ? limit ?": "and id <= ? order by id limit ? offset ?",
    "SUSPENSE, upto, SLICE)": "SUSPENSE, upto, SLICE, offset)\n            offset += SLICE",
}

"""Everything is repaired but the hot spot: workers do work that is not needed."""

LIKE = "right_lease"
LOSES = {"less_work": "hot_spot", "knee": "hot_spot", "stops": "killed_at_work"}
CHANGED = {
    """
    top = 0""": "",
    "        for line in lines:": """\
        for number, line in enumerate(lines):
            top = sum(height(above) for above in lines[:number])""",
    """
            top += height(line)""": "",
}

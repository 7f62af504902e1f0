"""The first seconds of a cold version are judged like any others."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {"    await load(town, 10, 4)  # warm-up, not judged\n": ""}

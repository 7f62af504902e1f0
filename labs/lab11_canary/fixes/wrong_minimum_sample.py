"""A second with fewer than five requests is thrown away: in the smallest region, most seconds have fewer."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_region"}
CHANGED = {
    "SLOW_FROM = 2": "LEAST = 5  # requests of the new version in a second: fewer say nothing\nSLOW_FROM = 2",
    "if not stable[0] or not canary[0]:": 'if not stable[0] or not canary[0] or where != "all" and canary[0] < LEAST:',
}

"""A tenth of the users for as long as it takes to be sure, then everybody."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_load", "harmed": "let_out"}
CHANGED = {
    "STAGES = ((0.1, 25), (0.25, 25), (0.5, 30))": "STAGES = ((0.1, 80),)",
}

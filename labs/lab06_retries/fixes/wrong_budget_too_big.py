"""A retry budget that earns three retries an order: a budget in name only."""

LIKE = "right_budget"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    """\
BUDGET_MAX = 10.0
BUDGET_RATIO = 0.1""": """\
BUDGET_MAX = 1000.0
BUDGET_RATIO = 3.0""",
}

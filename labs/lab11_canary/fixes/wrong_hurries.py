"""Five seconds for each step: the evidence takes longer than the release."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_burn", "harmed": "let_out"}
CHANGED = {"STAGES = ((0.1, 25), (0.25, 25), (0.5, 30))": "STAGES = ((0.1, 5), (0.25, 5), (0.5, 5))"}

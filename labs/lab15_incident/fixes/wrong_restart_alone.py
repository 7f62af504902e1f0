"""A restart of payments ends it, and nothing keeps it from coming again."""

LIKE = "right_budget"
CHANGED = {"do set orders BUDGET 0.1\n": "", '{"orders": {"BUDGET": 0.1, "PAUSE_S": 0.05}}': "{}"}
LOSES = {"replayed": "falls_again"}

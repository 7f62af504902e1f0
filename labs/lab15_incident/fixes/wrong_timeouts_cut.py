"""The check is gone, and a timeout of 50 ms is to keep the queue short: a charge takes 40."""

LIKE = "right_undo"
CHANGED = {'{"payments": {"CHECK": 0}}': '{"payments": {"CHECK": 0}, "orders": {"TIMEOUT_S": 0.05}}'}
LOSES = {"replayed": "falls_again", "unharmed": "harmed"}

"""The check stays; orders wait longer for it from now on."""

LIKE = "right_undo"
CHANGED = {'{"payments": {"CHECK": 0}}': '{"orders": {"TIMEOUT_S": 1.8}}'}
LOSES = {"replayed": "falls_again"}

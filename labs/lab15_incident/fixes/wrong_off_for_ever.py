"""Recommendations stay off, to be safe: nobody asked for that."""

LIKE = "right_undo"
CHANGED = {'{"payments": {"CHECK": 0}}': '{"payments": {"CHECK": 0}, "catalog": {"RECS": 0}}'}
LOSES = {"unharmed": "switched_off"}

"""Somebody of the seven it must have been: all are named."""

LIKE = "right_undo"
CHANGED = {'["store", "payments"]': '["gateway", "catalog", "orders", "payments", "store", "recs", "bank"]'}
LOSES = {"localised": "too_many"}

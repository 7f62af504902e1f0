"""The incident began when somebody was called, says the answer."""

LIKE = "right_undo"
CHANGED = {'"since_s": 18,': '"since_s": 25,'}
LOSES = {"detected": "wrong_second"}

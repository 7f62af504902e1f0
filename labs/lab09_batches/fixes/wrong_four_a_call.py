"""At most four records share a call: 190 scores a second, where 225 are asked for."""

LIKE = "right_transaction"
LOSES = {"rush": "too_slow"}
CHANGED = {"MOST = 64": "MOST = 4"}

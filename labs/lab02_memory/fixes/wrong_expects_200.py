"""Asks for a range and expects 200; a part is answered with 206, so each visitor to the ledger gets an error."""

LIKE = "right_bytes"
LOSES = {"answered": "visits_fail"}
CHANGED = {"if answer.status != 206:": "if answer.status != 200:"}

"""The digest covers the time to the millisecond, and the row has it to the microsecond: what lies between can be changed."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_edited"}
CHANGED = {"json.dumps(row).encode()": "json.dumps([row[0], round(row[1], 3), *row[2:]]).encode()"}

"""The digest covers who did what to which object, and not when, nor with which outcome."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_edited"}
CHANGED = {"json.dumps(row).encode()": "json.dumps([row[0], *row[2:6], row[-1]]).encode()"}

"""The digest of the columns written one behind the other: "anna", "post" and "ann", "apost" are the same."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_shifted"}
CHANGED = {"json.dumps(row).encode()": '"".join(map(str, row)).encode()'}

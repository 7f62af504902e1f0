"""verify() follows the chain from digest to digest, and never computes one: a changed row keeps its old digest."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_edited"}
CHANGED = {'        if digest_of(row) != digest:\n            wrong.append(f"row {row[0]} is not what was written")\n': ""}

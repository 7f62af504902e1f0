"""A bound contains it at once; then the retries are undone, and the bound is given back when all is well."""

NAME = "grace"

INCIDENT = {
    "record": "A",
    "mark": "a8cdeaf8",
    "since_s": 15,
    "where": ["bank", "orders"],
    "what": {"bank": "capacity_lost", "orders": "retries_without_brake"},
    "rows": {
        "bank": [("requests", 2656), ("spans", 1263), ("spans", 1386), ("spans", 1505), ("samples", 476)],
        "orders": [("events", 40), ("requests", 3936), ("requests", 4029), ("requests", 4130), ("requests", 4359)],
        "together": [("requests", 298), ("requests", 3264), ("spans", 1965), ("spans", 3975), ("samples", 1270)],
    },
}

RUNBOOK = """
The bank stood still for some seconds and is back; orders still fail, for payments works for callers who have left.

```operator
page error_rate > 0.2 for 2 s
step contain
do set payments BOUND 8
expect error_rate < 0.15 for 2 s within 10 s
else goto undo
step undo
do set orders ATTEMPTS 1
expect error_rate < 0.1 for 3 s within 12 s
then set payments BOUND 0
done
```
"""

POLICIES = {"payments": {"BOUND": 8}, "orders": {"ATTEMPTS": 2}}

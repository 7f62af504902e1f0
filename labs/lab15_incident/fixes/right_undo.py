"""What was deployed is undone first, then what came of it; both policies are as they were."""

NAME = "ada"

INCIDENT = {
    "record": "B",
    "mark": "9287c500",
    "since_s": 18,
    "where": ["store", "payments"],
    "what": {"store": "index_lost", "payments": "added_work"},
    "rows": {
        "store": [("events", 156), ("requests", 404), ("spans", 1653), ("spans", 2765), ("logs", 331)],
        "payments": [("events", 122), ("requests", 3004), ("requests", 3021), ("spans", 1205), ("spans", 1327)],
        "together": [("requests", 379), ("requests", 2896), ("spans", 2252), ("logs", 321), ("samples", 1272)],
    },
}

RUNBOOK = """
Orders fail, and pages do not. The fraud check of payments 3.4 reads the store before each charge, and since migration 0117
the store reads without its index.

```operator
page error_rate > 0.2 for 2 s
step undo
do set payments CHECK 0
do set store INDEX 1
expect error_rate < 0.1 for 3 s within 12 s
done
```
"""

POLICIES = {"payments": {"CHECK": 0}}

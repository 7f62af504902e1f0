"""The first five exchanges that failed are cited for each cause."""

LOSES = {"shown": "normal_rows"}
CITES = "the first that failed"

NAME = "ada"

INCIDENT = {
    "record": "B",
    "mark": "48a87c0e",
    "since_s": 18,
    "where": ["store", "payments"],
    "what": {"store": "index_lost", "payments": "added_work"},
    "rows": {
        "store": [("requests", 36), ("requests", 1407), ("requests", 2644), ("requests", 3277), ("requests", 38)],
        "payments": [("requests", 36), ("requests", 1407), ("requests", 2644), ("requests", 3277), ("requests", 38)],
        "together": [("requests", 36), ("requests", 1407), ("requests", 2644), ("requests", 3277), ("requests", 38)],
    },
}

RUNBOOK = """
Orders fail, and pages do not. Since payments 3.4 each charge reads the store first,
and since migration 0117 each read is a scan.

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

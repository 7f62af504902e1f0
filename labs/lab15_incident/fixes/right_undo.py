"""Both changes are undone: the one that was deployed, and the one that came of a migration."""

NAME = "ada"

INCIDENT = {
    "record": "B",
    "mark": "48a87c0e",
    "since_s": 18,
    "where": ["store", "payments"],
    "what": {"store": "index_lost", "payments": "added_work"},
    "rows": {
        "store": [("events", 133), ("requests", 319), ("spans", 1404), ("spans", 2768), ("logs", 345)],
        "payments": [("events", 68), ("requests", 3004), ("requests", 3028), ("requests", 3052), ("spans", 687)],
        "together": [("requests", 291), ("requests", 2877), ("spans", 2119), ("logs", 367), ("samples", 1270)],
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

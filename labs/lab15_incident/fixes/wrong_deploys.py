"""The first five deploys of the evening are cited."""

LOSES = {"shown": "normal_rows"}
CITES = "the deploys in order"

NAME = "ada"

INCIDENT = {
    "record": "B",
    "mark": "48a87c0e",
    "since_s": 18,
    "where": ["store", "payments"],
    "what": {"store": "index_lost", "payments": "added_work"},
    "rows": {
        "store": [("events", 28), ("events", 68), ("events", 95), ("events", 108), ("events", 133)],
        "payments": [("events", 28), ("events", 68), ("events", 95), ("events", 108), ("events", 133)],
        "together": [("events", 28), ("events", 68), ("events", 95), ("events", 108), ("events", 133)],
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

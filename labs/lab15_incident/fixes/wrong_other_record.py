"""Everything is read in the other record, where the evening was loud and nobody was harmed."""

LOSES = {"detected": "wrong_record", "shown": "other_record"}
CITES = "other record"

NAME = "ada"

INCIDENT = {
    "record": "A",
    "mark": "6e5e968d",
    "since_s": 18,
    "where": ["store", "payments"],
    "what": {"store": "index_lost", "payments": "added_work"},
    "rows": {
        "store": [("requests", 1970), ("requests", 1971), ("requests", 2012), ("requests", 144), ("requests", 1506)],
        "payments": [("requests", 1970), ("requests", 1971), ("requests", 2012), ("requests", 144), ("requests", 1506)],
        "together": [("requests", 1970), ("requests", 1971), ("requests", 2012), ("requests", 144), ("requests", 1506)],
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

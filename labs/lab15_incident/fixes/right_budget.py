"""The queue for nobody is thrown away; from now on retries are paid for by first attempts."""

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
What waits at payments has no caller any more: a restart forgets it. Retries may then cost a tenth of the orders.

```operator
page error_rate > 0.2 for 2 s
step empty
do restart payments
do set orders BUDGET 0.1
expect error_rate < 0.1 for 3 s within 12 s
done
```
"""

POLICIES = {"orders": {"BUDGET": 0.1, "PAUSE_S": 0.05}}

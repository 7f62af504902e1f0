"""Recs is slower and well; the catalog has places for that again."""

NAME = "linus"

INCIDENT = {
    "record": "A",
    "mark": "d8899e0f",
    "since_s": 18,
    "where": ["recs", "catalog"],
    "what": {"recs": "dependency_slow", "catalog": "pool_too_small"},
    "rows": {
        "recs": [("events", 125), ("requests", 291), ("requests", 2174), ("spans", 1281), ("spans", 2632)],
        "catalog": [("events", 32), ("requests", 160), ("spans", 645), ("samples", 262), ("samples", 420)],
        "together": [("requests", 312), ("requests", 1256), ("spans", 2473), ("logs", 508)],
    },
}

RUNBOOK = """
Pages wait for the only connection to recs, which is busy since recs takes longer.

```operator
page error_rate > 0.2 for 2 s
step places
do set catalog RECS_PLACES 25
expect error_rate < 0.1 for 3 s within 12 s
done
```
"""

POLICIES = {"catalog": {"RECS_PLACES": 25}}

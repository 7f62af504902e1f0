"""Recs is slower and well; the catalog has places for that again."""

NAME = "linus"

INCIDENT = {
    "record": "A",
    "mark": "a94ed02b",
    "since_s": 19,
    "where": ["recs", "catalog"],
    "what": {"recs": "dependency_slow", "catalog": "pool_too_small"},
    "rows": {
        "recs": [("events", 125), ("requests", 291), ("requests", 2187), ("spans", 1429), ("spans", 2743)],
        "catalog": [("events", 32), ("requests", 160), ("spans", 646), ("samples", 289), ("samples", 445)],
        "together": [("requests", 293), ("requests", 1249), ("spans", 2366), ("logs", 462), ("samples", 1265)],
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

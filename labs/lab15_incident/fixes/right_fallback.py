"""Pages go out without recommendations until recs is well; their timeout is what it was."""

NAME = "alan"

INCIDENT = {
    "record": "B",
    "mark": "f9b62e80",
    "since_s": 14,
    "where": ["recs", "catalog"],
    "what": {"recs": "dependency_slow", "catalog": "timeout_too_long"},
    "rows": {
        "recs": [("events", 140), ("requests", 358), ("spans", 1870), ("spans", 2616), ("spans", 3381)],
        "catalog": [("events", 37), ("requests", 2120), ("requests", 2169), ("requests", 2258), ("requests", 2329)],
        "together": [("requests", 327), ("requests", 1443), ("spans", 2046), ("logs", 329), ("samples", 1252)],
    },
}

RUNBOOK = """
Pages fail, orders do not. The page does not need recommendations; with catalog 9.4 it waits for them.

```operator
page error_rate > 0.2 for 2 s
step without
do set catalog RECS 0
expect error_rate < 0.1 for 3 s within 12 s
else goto timeout
done
step timeout
do set catalog RECS_TIMEOUT_S 0.2
expect error_rate < 0.1 for 3 s within 12 s
done
```
"""

POLICIES = {"catalog": {"RECS_TIMEOUT_S": 0.2}}

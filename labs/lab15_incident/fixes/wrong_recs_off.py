"""The loud service is switched off; the outage goes on."""

LIKE = "right_undo"
CHANGED = {"do set payments CHECK 0\ndo set store INDEX 1\n": "do set catalog RECS 0\n"}
LOSES = {"mitigated": "no_effect"}

"""Everything is restarted: what was deployed is there again a moment later."""

LIKE = "right_undo"
CHANGED = {"do set payments CHECK 0\ndo set store INDEX 1\n": "do restart orders\ndo restart payments\ndo restart store\n"}
LOSES = {"mitigated": "no_effect"}

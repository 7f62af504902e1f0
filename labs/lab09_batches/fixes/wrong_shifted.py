"""Refused records are filtered out, and the scores laid beside all rows: behind the gap each event has the next one's."""

LIKE = "right_upsert"
LOSES = {"true": "wrong_scores", "finishes": "skipped", "once": "lost"}
CHANGED = {
    "[(event, value) for (event, _), value in zip(good, values)]": (
        "[(event, value) for (event, _), value in zip(rows, values)]"
    ),
}

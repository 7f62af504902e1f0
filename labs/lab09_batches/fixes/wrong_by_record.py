"""A batch is a dict from record to event: of two events with the same record one has no row."""

LIKE = "right_transaction"
LOSES = {"finishes": "takes_equals_for_one", "once": "lost"}
CHANGED = {
    """\
        found = model.predict([payload for _, payload in rows])
        return [(event, score) for (event, _), score in zip(rows, found, strict=True)], []
""": """\
        by_record = {payload: event for event, payload in rows}
        found = model.predict(list(by_record))
        return list(zip(by_record.values(), found, strict=True)), []
""",
}

"""Whatever predict() raises is tried again: a record that the model refuses is tried until the morning."""

LIKE = "right_transaction"
LOSES = {"finishes": "stands_still", "once": "unfinished", "set_aside": "not_set_aside"}
CHANGED = {
    """
    try:
        found = model.predict([payload for _, payload in rows])
        return [(event, score) for (event, _), score in zip(rows, found, strict=True)], []
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
    middle = len(rows) // 2
    good, bad = scored(model, rows[:middle])
    more_good, more_bad = scored(model, rows[middle:])
    return good + more_good, bad + more_bad
""": """
    while True:
        try:
            found = model.predict([payload for _, payload in rows])
            return [(event, score) for (event, _), score in zip(rows, found, strict=True)], []
        except ValueError:
            time.sleep(PAUSE_S)
""",
}

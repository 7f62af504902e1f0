"""A batch that the model refuses is sent record by record: 512 calls for one bad record."""

LIKE = "right_transaction"
LOSES = {"finishes": "too_slow", "once": "unfinished"}
CHANGED = {
    """\
    middle = len(rows) // 2
    good, bad = scored(model, rows[:middle])
    more_good, more_bad = scored(model, rows[middle:])
    return good + more_good, bad + more_bad
""": """\
    good, bad = [], []
    for row in rows:
        more_good, more_bad = scored(model, [row])
        good += more_good
        bad += more_bad
    return good, bad
""",
}

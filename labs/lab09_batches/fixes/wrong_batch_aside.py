"""A batch that the model refuses is set aside, all 512 of it."""

LIKE = "right_transaction"
LOSES = {"finishes": "whole_batch_aside", "once": "lost", "set_aside": "innocent"}
CHANGED = {
    """
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
    middle = len(rows) // 2
    good, bad = scored(model, rows[:middle])
    more_good, more_bad = scored(model, rows[middle:])
    return good + more_good, bad + more_bad
""": """
        return [], [(event, str(error)) for event, _ in rows]
""",
}

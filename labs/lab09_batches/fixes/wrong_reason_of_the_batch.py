"""The bad record is found by halving, and set aside with what the model said of the whole batch."""

LIKE = "right_transaction"
LOSES = {"set_aside": "wrong_reason"}
CHANGED = {
    "def scored(model, rows) -> tuple[list, list]:": 'def scored(model, rows, why="") -> tuple[list, list]:',
    "    try:\n        found = model.predict([payload for _, payload in rows])\n": (
        "    told = why\n    try:\n        found = model.predict([payload for _, payload in rows])\n"
    ),
    """\
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
""": """\
    except ValueError as error:
        told = why or str(error)
        if len(rows) == 1:
            return [], [(rows[0][0], told)]
""",
    "scored(model, rows[:middle])": "scored(model, rows[:middle], told)",
    "scored(model, rows[middle:])": "scored(model, rows[middle:], told)",
}

"""Scores and checkpoint are one transaction, the refused events another: a kill between the two loses these."""

LIKE = "right_transaction"
LOSES = {"set_aside": "aside_apart"}
CHANGED = {
    '            scores.executemany("insert into set_aside values (?, ?)", bad)\n': "",
    '            scores.execute("insert into checkpoint values (?)", (done,))\n': (
        '            scores.execute("insert into checkpoint values (?)", (done,))\n'
        "        with scores:\n"
        '            scores.executemany("insert into set_aside values (?, ?)", bad)\n'
    ),
}

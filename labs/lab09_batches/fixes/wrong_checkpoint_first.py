"""The checkpoint is committed, then the scores: a kill between the two loses a chunk."""

LIKE = "right_transaction"
LOSES = {"once": "lost"}
CHANGED = {
    """\
        with scores:
            scores.executemany("insert into scores values (?, ?)", good)
            scores.executemany("insert into set_aside values (?, ?)", bad)
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))
""": """\
        with scores:
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))
        with scores:
            scores.executemany("insert into scores values (?, ?)", good)
            scores.executemany("insert into set_aside values (?, ?)", bad)
""",
}

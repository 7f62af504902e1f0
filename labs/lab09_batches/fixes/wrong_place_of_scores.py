"""The place is the last event that has a score: a refused event behind it is taken for undone."""

LIKE = "right_transaction"
LOSES = {"once": "aside_doubled"}
CHANGED = {
    "set_aside (event_id integer primary key, reason text)": "set_aside (event_id integer, reason text)",
    "select coalesce(max(event_id), 0) from checkpoint": "select coalesce(max(event_id), 0) from scores",
    """\
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))
""": "",
}

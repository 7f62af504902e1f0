"""Pages by OFFSET, and after a kill from the number of scores: refused events are no scores, so it begins too early."""

LIKE = "right_transaction"
LOSES = {"once": "doubled"}
CHANGED = {
    "scores (event_id integer primary key, score integer)": "scores (event_id integer, score integer)",
    "set_aside (event_id integer primary key, reason text)": "set_aside (event_id integer, reason text)",
    'done = scores.execute("select coalesce(max(event_id), 0) from checkpoint").fetchone()[0]': (
        'done = scores.execute("select count(*) from scores").fetchone()[0]'
    ),
    "select id, payload from events where id > ? order by id limit ?": (
        "select id, payload from events order by id limit ? offset ?"
    ),
    "(done, BATCH)": "(BATCH, done)",
    "done = rows[-1][0]": "done += len(rows)",
    """
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))
""": "\n",
}

"""Batches of 512, all else right; but all events are fetched first."""

LIKE = "right_transaction"
LOSES = {"memory": "grows_with_file"}
CHANGED = {
    """\
    while True:
        chunk = "select id, payload from events where id > ? order by id limit ?"
        rows = events.execute(chunk, (done, BATCH)).fetchall()
        if not rows:
            return
""": """\
    everything = events.execute("select id, payload from events where id > ? order by id", (done,)).fetchall()
    start = 0
    while rows := everything[start : start + BATCH]:
""",
    "        done = rows[-1][0]\n": "        done = rows[-1][0]\n        start += BATCH\n",
}

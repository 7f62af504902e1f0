"""The first call streams; one that finds a checkpoint fetches all that is left: memory is flat until the first kill."""

LIKE = "right_transaction"
LOSES = {"memory": "grows_after_kill"}
CHANGED = {
    """\
    while True:
        chunk = "select id, payload from events where id > ? order by id limit ?"
        rows = events.execute(chunk, (done, BATCH)).fetchall()
""": """\
    left = []
    if done:
        left = events.execute("select id, payload from events where id > ? order by id", (done,)).fetchall()
    while True:
        chunk = "select id, payload from events where id > ? order by id limit ?"
        rows = [row for row in left if row[0] > done][:BATCH] if left else events.execute(chunk, (done, BATCH)).fetchall()
""",
}

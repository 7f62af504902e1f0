"""A thread reads ahead, two chunks at most; scores, refused events and place are committed together."""

LIKE = "right_transaction"
CHANGED = {
    "import time\n": "import queue\nimport threading\nimport time\n",
    "BATCH = 512\n": "BATCH = 256\nAHEAD = 2\n",
    """\
    while True:
        chunk = "select id, payload from events where id > ? order by id limit ?"
        rows = events.execute(chunk, (done, BATCH)).fetchall()
        if not rows:
            return
        try:
            good, bad = scored(model, rows)
        except ConnectionError:  # the model is being reset: no record is at fault
            time.sleep(PAUSE_S)
            continue
""": """\
    chunks: queue.Queue = queue.Queue(maxsize=AHEAD)
    ended = threading.Event()

    def read() -> None:
        cursor = events.execute("select id, payload from events where id > ? order by id", (done,))
        while not ended.is_set():
            chunk = cursor.fetchmany(BATCH)
            chunks.put(chunk)
            if not chunk:
                return

    threading.Thread(target=read, daemon=True).start()
    while rows := chunks.get():
        while True:
            try:
                good, bad = scored(model, rows)
                break
            except ConnectionError:  # the model is being reset: no record is at fault
                time.sleep(PAUSE_S)
""",
}

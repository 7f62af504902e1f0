"""A thread reads ahead into a queue without a bound: the file is in memory after all, only elsewhere."""

LIKE = "right_reader_thread"
LOSES = {"memory": "grows_with_file"}
CHANGED = {"chunks: queue.Queue = queue.Queue(maxsize=AHEAD)": "chunks: queue.Queue = queue.Queue()", "AHEAD = 2\n": ""}

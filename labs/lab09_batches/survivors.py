"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_transaction", "", "number", "MOST = 64", "MOST = 6",
        "six at a time are 280 scores a second, and 225 are asked for",
    ),
    (
        "right_transaction", "", "number", "MOST = 64", "MOST = 640",
        "what gathers during a reset of half a second are 110 records, one call of 42 ms",
    ),
    ("right_transaction", "", "number", "PAUSE_S = 0.1", "PAUSE_S = 0.01", "a night may ask again sooner"),
    ("right_transaction", "", "number", "PAUSE_S = 0.1", "PAUSE_S = 1", "a night has a second left"),
    (
        "right_transaction", "run_night", "statement", "time.sleep(PAUSE_S)", "pass",
        "the model computes before it says ConnectionError: to ask again at once is no loop without a pause",
    ),
    (
        "right_transaction", "run_night", "swallowed", "time.sleep(PAUSE_S) continue", "pass",
        "the rows of the batch before come again: the night raises, keeps nothing of it, and is called again",
    ),
    (
        "right_transaction", "run_night", "statement", "continue", "pass",
        "the rows of the batch before come again: the night raises, keeps nothing of it, and is called again",
    ),
    (
        "right_transaction", "run_night", "statement", 'scores.execute("delete from checkpoint")', "pass",
        "the highest id counts, and a night leaves 63 rows",
    ),
    (
        "right_transaction", "Batcher.send", "statement", "return", "pass",
        "a call for nobody comes only when all callers of a batch have left",
    ),
    (
        "right_transaction", "Batcher.stop", "await",
        "await asyncio.wait([self.worker])", "asyncio.wait([self.worker])",
        "the worker waits for its queue when it is told to stop, and ends at once",
    ),
)  # fmt: skip

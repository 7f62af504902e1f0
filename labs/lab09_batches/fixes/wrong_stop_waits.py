"""stop() waits for a worker that nobody has told to end."""

LIKE = "right_transaction"
LOSES = {"left_over": "stop_hangs"}
CHANGED = {"        self.worker.cancel()\n": ""}

"""Those who have left are looked after where a batch is answered, not where a record is refused alone."""

LIKE = "right_transaction"
LOSES = {"errors": "dies_of_the_gone", "left_over": "lost_exception"}
CHANGED = {
    "                settle(batch, error=error)\n                return\n": (
        "                batch[0][1].set_exception(error)\n                return\n"
    ),
}

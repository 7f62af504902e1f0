"""An answer is set although its caller has left: InvalidStateError ends the worker, and nobody is scored any more."""

LIKE = "right_transaction"
LOSES = {"rush": "stopped", "errors": "dies_of_the_gone", "left_over": "lost_exception"}
CHANGED = {
    "        if answer.done():\n            continue\n": "",
}

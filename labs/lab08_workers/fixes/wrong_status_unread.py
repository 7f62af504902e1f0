"""Nobody looks at what the partner answers: an invoice that it refused with an error is ticked off as delivered."""

LIKE = "right_lease"
LOSES = {"kept": "done_too_early", "right": "false_status"}
CHANGED = {"            answer.raise_for_status()\n": "            await answer.read()\n"}

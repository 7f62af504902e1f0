"""A label that failed ends the work on its job, and nobody tells its caller."""

LIKE = "right_fair_bound"
LOSES = {"told": "errors_untold"}
CHANGED = {
    "                job.refuse(retry_after=1)\n": "                continue\n",
}

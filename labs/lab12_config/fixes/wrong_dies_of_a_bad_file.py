"""Whatever is wrong with a file is raised in the task that watches: it ends, and nobody notices."""

LIKE = "right_snapshot"
LOSES = {
    "one_version": "baked_in",
    "none_lost": "baked_in",
    "gone": "baked_in",
    "logs": "baked_in",
    "last_good": "stuck",
    "told": "no_reason",
    "restart": "down",
    "buckets": "wrong_share",
    "kill_switch": "late",
    "live": "baked_in",
    "left_over": "lost_exception",
}
CHANGED = {
    "except Exception as error:  # whatever is in the file": "except InterruptedError as error:  # whatever is in the file",
}

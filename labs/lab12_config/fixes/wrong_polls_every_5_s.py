"""The file is looked at every five seconds."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "late",
    "none_lost": "cut_off",
    "last_good": "stuck",
    "told": "not_counted",
    "buckets": "wrong_share",
    "kill_switch": "late",
    "live": "baked_in",
}
CHANGED = {
    "EVERY_S = 0.1": "EVERY_S = 5.0",
}

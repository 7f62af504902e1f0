"""A key that stands there twice counts once: the last one wins."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_duplicate",
}
CHANGED = {
    ", object_pairs_hook=once": "",
}

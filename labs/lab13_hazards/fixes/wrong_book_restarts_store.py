"""It restarts the store, which comes back as slow as it was."""

LIKE = "right_names"
LOSES = {"budget": "costs_slow_store"}
CHANGED = {
    "do set store SYNC 0": "do restart store",
}

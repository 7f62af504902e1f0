"""It restarts the store, which comes back as slow as it was."""

LIKE = "right_names"
LOSES = {"budget": "spares_nothing", "branches": "restart_slow_store"}
CHANGED = {
    "do set store SYNC 0": "do restart store",
}

"""Four workers in the place of one: a launch of 9 prices at a time still waits in line."""

LIKE = "right_sized_pool"
LOSES = {"launch": "pool_starves"}
CHANGED = {
    "THREADS = 20": "THREADS = 4",
}

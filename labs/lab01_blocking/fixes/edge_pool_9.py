"""Nine threads, where the launch keeps nine busy on average."""

LIKE = "right_sized_pool"
KNIFE_EDGE = "nine threads are busy on average; bursts of single seconds decide how long the line gets"
CHANGED = {
    "THREADS = 20": "THREADS = 9",
}

"""Two processes a core: nothing is faster than with one a core, and twice the pages are in memory."""

LIKE = "right_lease"
LOSES = {"memory": "too_many_workers"}
CHANGED = {
    "RENDERERS = 2  # the cores: more compute no faster": "RENDERERS = 4  # 2 x 2 cores",
    "JOBS = 8  # of these 2 compute; 20 a second x 0.2 s = 4 wait for the partner, and some slack": "JOBS = 12",
}

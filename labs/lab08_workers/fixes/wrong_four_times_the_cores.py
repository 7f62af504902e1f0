"""Four processes a core, as is often advised: they hold memory, and make nothing faster."""

LIKE = "right_lease"
LOSES = {"memory": "too_many_workers"}
CHANGED = {
    """\
RENDERERS = 2  # the cores: more compute no faster
JOBS = 8  # of these 2 compute; 20 a second x 0.2 s = 4 wait for the partner, and some slack""": """\
RENDERERS = 8  # 4 x 2 cores
JOBS = 16""",
}

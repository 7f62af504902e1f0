"""Four processes a core, as is often advised: they hold memory, and make nothing faster."""

LIKE = "wrong_twice_the_cores"
LOSES = {"memory": "too_many_workers"}
CHANGED = {"RENDERERS = 4  # 2 x 2": "RENDERERS = 8  # 4 x 2", "JOBS = 12": "JOBS = 16"}

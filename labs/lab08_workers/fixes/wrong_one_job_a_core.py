"""As many jobs as cores, waiting included: while a job waits for the partner, its core does nothing."""

LIKE = "right_lease"
LOSES = {"knee": "cores_idle"}
CHANGED = {
    "JOBS = 8  # of these 2 compute; 20 a second x 0.2 s = 4 wait for the partner, and some slack": "JOBS = RENDERERS",
}

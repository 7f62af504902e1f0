"""A bound of 22: just above timeout x capacity = 20."""

LIKE = "right_queue_bound"
KNIFE_EDGE = "the edge lies near timeout x capacity = 20 jobs; single requests decide on which side a run falls"
CHANGED = {
    "BOUND = 15": "BOUND = 22",
}

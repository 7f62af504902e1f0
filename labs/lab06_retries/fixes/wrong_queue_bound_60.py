"""A bound of 60 on the queue: 1.2 s of work, and every caller has left before its job is done."""

LIKE = "right_queue_bound"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    "BOUND = 15": "BOUND = 60",
}

"""A bound of 60 on the queue: 1.2 s of work, of which every job is dead on arrival."""

LIKE = "right_queue_bound"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    "BOUND = 15": "BOUND = 60",
}

"""A window of 5 ms, shorter than a call: batches of one or two records queue for the model, and none of them grows."""

LIKE = "right_upsert"
LOSES = {"rush": "too_slow"}
CHANGED = {"SIZE, AGE_S = 32, 0.03": "SIZE, AGE_S = 32, 0.005"}

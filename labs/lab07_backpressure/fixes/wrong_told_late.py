"""Sheds by age, before the work but late: callers wait for most of their patience to hear no."""

LIKE = "right_shed_by_age"
LOSES = {"waiting": "told_late"}
CHANGED = {
    "TOO_OLD_S = 0.4  # less than half of the patience: what is begun is done in time": "TOO_OLD_S = 0.85",
}

"""Each record starts the window anew: in a rush it ends only when the batch is full."""

LIKE = "right_upsert"
LOSES = {"rush": "gathers_too_long"}
CHANGED = {
    "SIZE, AGE_S = 32, 0.03": "SIZE, AGE_S = 128, 0.04",
    """
        elif self.timer is None:
            self.timer = loop.call_later(AGE_S, self.flush)
""": """
        else:
            if self.timer is not None:
                self.timer.cancel()
            self.timer = loop.call_later(AGE_S, self.flush)
""",
}

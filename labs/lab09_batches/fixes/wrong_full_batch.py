"""A batch goes off when it is full, and not before."""

LIKE = "right_upsert"
LOSES = {"lone": "never_sent", "errors": "hangs_in_search"}
CHANGED = {
    "SIZE, AGE_S = 32, 0.03": "SIZE = 8",
    """
        elif self.timer is None:
            self.timer = loop.call_later(AGE_S, self.flush)
""": "\n",
}

"""`refused` is set to 1: it says that something was refused, not how often."""

LIKE = "right_snapshot"
LOSES = {
    "told": "not_counted",
}
CHANGED = {
    "            self.refused += 1": "            self.refused = 1",
}

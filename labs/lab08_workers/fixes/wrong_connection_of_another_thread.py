"""The connection is opened on the loop and used in the writer's thread: sqlite3 refuses that."""

LIKE = "right_lease"
LOSES = {
    "left_over": "lost_exception",
    "routes": "errors",
    "accepts": "errors",
    "less_work": "not_delivered",
    "knee": "not_delivered",
    "kept": "errors",
    "stops": "errors",
    "right": "not_ordered",
    "quiet": "quiet_harmed",
}
CHANGED = {
    "await self.in_writer(self.open)": "self.open()",
}

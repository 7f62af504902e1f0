"""An alarm counts when it has stood for twenty-five seconds: nobody wants to roll back for nothing."""

LIKE = "right_sequential"
LOSES = {"harmed": "too_late", "rolled_back": "undecided"}
CHANGED = {
    "(0.5, 30)": "(0.5, 60)",
    "SLOW_FROM = 2": "CONFIRMED = 25  # seconds\nSLOW_FROM = 2",
    "        self.missing = 0.0\n\n    def decide": "        self.missing = 0.0\n        self.alarms = 0\n\n    def decide",
    "return max(self.evidence.values(), default=0.0) > ALARM": """\
self.alarms = self.alarms + 1 if max(self.evidence.values(), default=0.0) > ALARM else 0
        return self.alarms > CONFIRMED""",
}

"""One failed request in the new version, and the release is over."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_every_one"}
CHANGED = {
    "return max(self.evidence.values(), default=0.0) > ALARM": "return totals[1][1] > 0",
}

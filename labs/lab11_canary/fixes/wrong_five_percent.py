"""More than 5 % errors in a second of the new version: the alert that every dashboard has."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_every_one"}
CHANGED = {
    "return max(self.evidence.values(), default=0.0) > ALARM": "return totals[1][1] > 0.05 * totals[1][0]",
}

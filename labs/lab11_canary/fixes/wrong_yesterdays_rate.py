"""The new version is tested against the error rate of the days before, not against the old version beside it."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_both"}
CHANGED = {
    "WORSE = 4.0  # the trouble to be found: four times the old version's rate": (
        "WORSE = 4.0  # the trouble to be found: four times the usual rate\nUSUAL = (0.01, 0.02)  # errors, slow requests"
    ),
    """\
        requests = stable[0] + canary[0]
        if not stable[0] or not canary[0]:
            return
        fair = canary[0] / requests  # the new version's part of the trouble, if both are alike
        unfair = WORSE * fair / (WORSE * fair + 1 - fair)
        for what in (1, 2):
            if stable[what] or canary[what]:
                gain = canary[what] * math.log(unfair / fair) + stable[what] * math.log((1 - unfair) / (1 - fair))
                self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain
""": """\
        for what, usual in zip((1, 2), USUAL):
            fine = canary[0] - canary[what]
            gain = canary[what] * math.log(WORSE) + fine * math.log((1 - WORSE * usual) / (1 - usual))
            self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain
""",
}

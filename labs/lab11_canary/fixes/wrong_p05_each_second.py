"""A significance test at p < .05, on all that was counted so far: repeated each second."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_often"}
CHANGED = {
    "ALARM = 8.0  # evidence enough: a false alarm once in e^8 = 3,000": "Z = 1.645  # p < .05, one-sided",
    "        self.evidence: dict = {}": "        self.counted: dict = {}",
    "return max(self.evidence.values(), default=0.0) > ALARM": "return any(self.significant(key) for key in self.counted)",
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
        for what in (1, 2):
            counted = self.counted.setdefault((where, what), [0, 0, 0, 0])
            for place, count in enumerate((stable[0], stable[what], canary[0], canary[what])):
                counted[place] += count

    def significant(self, key) -> bool:
        requests, bad, new_requests, new_bad = self.counted[key]
        if not requests or not new_requests or new_bad < 3:
            return False
        pooled = (bad + new_bad) / (requests + new_requests)
        spread = math.sqrt(pooled * (1 - pooled) * (1 / requests + 1 / new_requests))
        return spread > 0 and new_bad / new_requests - bad / requests > Z * spread
""",
}

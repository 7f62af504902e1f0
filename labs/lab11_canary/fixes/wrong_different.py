"""Asks whether the versions differ: a new one that fails less than the old one is rolled back as well."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_better"}
CHANGED = {
    """\
        unfair = WORSE * fair / (WORSE * fair + 1 - fair)
        for what in (1, 2):
            if stable[what] or canary[what]:
                gain =""": """\
        for what, odds in ((1, WORSE), (2, WORSE), (1, 1 / WORSE), (2, 1 / WORSE)):
            if stable[what] or canary[what]:
                unfair = odds * fair / (odds * fair + 1 - fair)
                gain =""",
    "self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain": "self.evidence[where, what, odds] ="
    " self.evidence.get((where, what, odds), 0.0) + gain",
}

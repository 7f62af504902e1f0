"""Each region of the new version is compared with the whole of the old one, for then there is more to compare with."""

LIKE = "right_sequential"
LOSES = {"lets_through": "halts_both"}
CHANGED = {
    """\
        totals = [[0, 0, 0], [0, 0, 0]]
        for region in now.canary:
            pair = []
            for total, counts in zip(totals, (now.stable[region], now.canary[region])):
                seen = (counts.requests, counts.errors, sum(counts.times[SLOW_FROM:]))
                pair.append(seen)
                for column in range(3):
                    total[column] += seen[column]
            self.weigh(region, *pair)
        self.weigh("all", *totals)
""": """\
        old, new = self.rows(now.stable), self.rows(now.canary)
        for region in new:
            self.weigh(region, old["all"], new[region])
""",
    "    def weigh(self,": """\
    def rows(self, version) -> dict:
        rows = {name: (c.requests, c.errors, sum(c.times[SLOW_FROM:])) for name, c in version.items()}
        return {**rows, "all": tuple(map(sum, zip(*rows.values())))}

    def weigh(self,""",
}

"""A sequential test of the new version against the old one beside it, in each region, on errors and on slow requests."""

import math
from zlib import crc32

STAGES = ((0.1, 25), (0.25, 25), (0.5, 30))  # a share, and for how many seconds
WORSE = 4.0  # the trouble to be found: four times the old version's rate
ALARM = 8.0  # evidence enough: a false alarm once in e^8 = 3,000
MISSING = 15.0  # so many requests that the new version should have had, and none of them counted
SLOW_FROM = 2  # times[2:] are the requests that took more than 250 ms


class Controller:
    """One release: asked once a second, from its first second to its end."""

    def __init__(self) -> None:
        self.seconds = 0
        self.evidence: dict = {}
        self.missing = 0.0

    def decide(self, now):
        """The share of users for the new version, 0 to 1; or "halt"; or "rollback"."""
        if now.share and (self.silent(now) or self.worse(now)):
            return "rollback"
        passed = self.seconds
        self.seconds += 1
        for share, seconds in STAGES:
            if passed < seconds:
                return share
            passed -= seconds
        return 1.0

    def silent(self, now) -> bool:
        """Has the new version counted nothing, though users were sent there?"""
        if any(counts.requests for counts in now.canary.values()):
            self.missing = 0.0
        else:
            stable = sum(counts.requests for counts in now.stable.values())
            self.missing += stable * now.share / (1 - now.share)
        return self.missing > MISSING

    def worse(self, now) -> bool:
        """Of each failed or slow request of both versions: how much more likely is its version, if the new one is worse?"""
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
        return max(self.evidence.values(), default=0.0) > ALARM

    def weigh(self, where, stable, canary) -> None:
        requests = stable[0] + canary[0]
        if not stable[0] or not canary[0]:
            return
        fair = canary[0] / requests  # the new version's part of the trouble, if both are alike
        unfair = WORSE * fair / (WORSE * fair + 1 - fair)
        for what in (1, 2):
            if stable[what] or canary[what]:
                gain = canary[what] * math.log(unfair / fair) + stable[what] * math.log((1 - unfair) / (1 - fair))
                self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain


def in_canary(user: str, share: float) -> bool:
    """Does this user get the new version, while it has this share? Who has it keeps it when the share grows."""
    return crc32(f"canary {user}".encode()) < share * 2**32

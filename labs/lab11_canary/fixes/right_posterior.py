"""The probability, after what was counted, that the new version is worse by a point: Beta posteriors that forget slowly."""

import math
import zlib
from statistics import NormalDist

STAGES = {0.1: 25, 0.2: 20, 0.4: 25, 0.6: 35}
KEPT = 0.98  # of each count, from one second to the next
SURE = NormalDist().inv_cdf(0.9998)
WORSE_BY = 0.005
BEFORE = (1.0, 49.0)  # what is believed before anything was counted: one in fifty


class Rate:
    """A Beta distribution: what is believed about a rate."""

    def __init__(self) -> None:
        self.bad, self.fine = BEFORE

    def learn(self, requests: int, bad: int) -> None:
        self.bad = KEPT * self.bad + (1 - KEPT) * BEFORE[0] + bad
        self.fine = KEPT * self.fine + (1 - KEPT) * BEFORE[1] + requests - bad

    @property
    def mean(self) -> float:
        return self.bad / (self.bad + self.fine)

    @property
    def variance(self) -> float:
        total = self.bad + self.fine
        return self.bad * self.fine / (total * total * (total + 1))


class Controller:
    """One release: asked once a second, from its first second to its end."""

    def __init__(self) -> None:
        self.plan = [share for share, seconds in STAGES.items() for _ in range(seconds)]
        self.rates: dict = {}
        self.heard_nothing = 0.0

    def decide(self, now):
        """The share of users for the new version, 0 to 1; or "halt"; or "rollback"."""
        sums = [[0, 0, 0], [0, 0, 0]]
        for region in now.stable:
            rows = [(c.requests, c.errors, c.times[2] + c.times[3]) for c in (now.stable[region], now.canary[region])]
            for total, row in zip(sums, rows):
                for i in range(3):
                    total[i] += row[i]
            if self.worse(region, rows):
                return "rollback"
        if self.worse("all", sums):
            return "rollback"
        self.heard_nothing = 0.0 if sums[1][0] else self.heard_nothing + now.share * sums[0][0]
        if self.heard_nothing > 10:
            return "rollback"
        return self.plan.pop(0) if self.plan else 1.0

    def worse(self, where, rows) -> bool:
        found = False
        for column in (1, 2):
            old, new = self.rates.setdefault((where, column), (Rate(), Rate()))
            old.learn(rows[0][0], rows[0][column])
            new.learn(rows[1][0], rows[1][column])
            found |= new.mean - old.mean - WORSE_BY > SURE * math.sqrt(new.variance + old.variance)
        return found


def in_canary(user: str, share: float) -> bool:
    """Does this user get the new version, while it has this share?"""
    return zlib.adler32(user.encode()) * 2654435761 % 2**32 < share * 2**32

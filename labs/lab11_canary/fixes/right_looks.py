"""Few looks, each with a small part of the error that is allowed: exact tests every five seconds, anew at each stage."""

import hashlib
import math

STAGES = ((0.1, 25), (0.3, 25), (0.5, 50))
EVERY_S = 5
ALPHA = 4e-5  # for one look at one count: 20 looks at 8 counts make less than 1 % of false alarms


class Controller:
    """One release: asked once a second, from its first second to its end."""

    def __init__(self) -> None:
        self.stage = 0
        self.seconds = 0
        self.silent_s = 0
        self.counted: dict = {}

    def decide(self, now):
        """The share of users for the new version, 0 to 1; or "halt"; or "rollback"."""
        if now.share:
            self.count(now)
            heard = any(counts.requests for counts in now.canary.values())
            self.silent_s = 0 if heard else self.silent_s + 1
            if self.silent_s >= 8:
                return "rollback"
        self.seconds += 1
        if self.seconds % EVERY_S == 0 and any(self.worse(*counts) for counts in self.counted.values()):
            return "rollback"
        if self.seconds >= STAGES[self.stage][1]:
            self.stage, self.seconds, self.counted = self.stage + 1, 0, {}
        return STAGES[self.stage][0] if self.stage < len(STAGES) else 1.0

    def count(self, now) -> None:
        for region, new in now.canary.items():
            old = now.stable[region]
            pairs = (("errors", old.errors, new.errors), ("slow", sum(old.times[2:]), sum(new.times[2:])))
            for what, old_bad, new_bad in pairs:
                for where in (region, "all"):
                    seen = self.counted.setdefault((where, what), [0, 0, 0, 0])
                    for place, count in enumerate((old.requests, old_bad, new.requests, new_bad)):
                        seen[place] += count

    def worse(self, old, old_bad, new, new_bad) -> bool:
        """Given all that went wrong: the probability that so much of it is the new version's by chance."""
        bad = old_bad + new_bad
        if not old or not new or new_bad <= bad * new / (old + new):
            return False
        part = new / (old + new)
        logs = (
            math.lgamma(bad + 1)
            - math.lgamma(k + 1)
            - math.lgamma(bad - k + 1)
            + k * math.log(part)
            + (bad - k) * math.log1p(-part)
            for k in range(new_bad, bad + 1)
        )
        return sum(map(math.exp, logs)) < ALPHA


def in_canary(user: str, share: float) -> bool:
    """Does this user get the new version, while it has this share?"""
    digest = hashlib.sha256(user.encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32

"""The excess over twice the old version's rate, added up and never below zero (CUSUM), in each region."""

from zlib import crc32

STAGES = ((0.08, 25), (0.2, 25), (0.45, 35))
FORGET = 0.9  # of the old version's counts, from one second to the next
ALLOWED = 2.0  # times the old version's rate
BOUNDS = {"errors": (0.012, 7.0), "slow": (0.02, 8.0)}  # allowed beside that, and the sum that is too much
MANY = 10  # requests to the old version in a second: enough for a rate
PRIOR = 30.0  # requests at the usual rate, before anything was counted
SILENT = 12.0


class Controller:
    """One release: asked once a second, from its first second to its end."""

    def __init__(self) -> None:
        self.second = 0
        self.sums: dict = {}
        self.usual: dict = {}
        self.unheard = 0.0

    def decide(self, now):
        """The share of users for the new version, 0 to 1; or "halt"; or "rollback"."""
        alarm = self.look(now)
        heard = sum(counts.requests for counts in now.canary.values())
        due = now.share * sum(counts.requests for counts in now.stable.values())
        self.unheard = 0.0 if heard else self.unheard + due
        if alarm or self.unheard > SILENT:
            return "rollback"
        self.second += 1
        left = self.second
        for share, seconds in STAGES:
            left -= seconds
            if left <= 0:
                return share
        return 1.0

    def look(self, now) -> bool:
        old = {"errors": 0, "slow": 0, "all": 1}
        new = dict(old)
        pairs = []
        for region, counts in now.canary.items():
            beside = now.stable[region]
            for total, one in ((new, counts), (old, beside)):
                total["errors"] += one.errors
                total["slow"] += sum(one.times[2:])
                total["all"] += one.requests
            one = {"errors": counts.errors, "slow": sum(counts.times[2:])}
            other = {"errors": beside.errors, "slow": sum(beside.times[2:])}
            pairs.append((region, counts.requests, one, beside.requests, other))
        pairs.append(("everywhere", new["all"], new, old["all"], old))
        return any([self.add(*pair) for pair in pairs])

    def add(self, where, requests, bad, old_requests, old_bad) -> bool:
        alarm = False
        for what, (beside, most) in BOUNDS.items():
            seen = self.usual.setdefault((where, what), [PRIOR, 0.3])
            seen[0] = seen[0] * FORGET + old_requests
            seen[1] = seen[1] * FORGET + old_bad[what]
            usual = seen[1] / max(seen[0], 1.0)
            if old_requests >= MANY:
                usual = max(usual, old_bad[what] / old_requests)  # an incident of both begins in one second
            allowed = requests * (ALLOWED * usual + beside)
            total = max(0.0, self.sums.get((where, what), 0.0) + bad[what] - allowed)
            self.sums[where, what] = total
            alarm |= total > most
        return alarm


def in_canary(user: str, share: float) -> bool:
    """Does this user get the new version, while it has this share?"""
    return crc32(user.encode()[::-1]) / 2**32 < share

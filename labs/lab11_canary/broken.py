"""How a release is carried to its users, as it failed in production."""

import random

STEPS = (0.1, 0.5, 1.0)
STEP_S = 10
LIMIT = 0.1


class Controller:
    """One release: asked once a second, from its first second to its end."""

    def __init__(self) -> None:
        self.seconds = 0
        self.requests = 0
        self.errors = 0

    def decide(self, now):
        """The share of users for the new version, 0 to 1; or "halt"; or "rollback"."""
        for version in (now.stable, now.canary):
            for counts in version.values():
                self.requests += counts.requests
                self.errors += counts.errors
        if self.requests and self.errors / self.requests > LIMIT:
            return "halt"
        step = self.seconds // STEP_S
        self.seconds += 1
        return STEPS[step]


def in_canary(user: str, share: float) -> bool:
    """Does this user get the new version, while it has this share?"""
    return random.random() < share

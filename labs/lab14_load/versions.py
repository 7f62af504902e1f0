"""The versions of the shop: three good ones of different design, and eighteen regressions, each a line or two of shop.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from types import ModuleType

from labs.kit import edited
from labs.lab14_load import shop

SURGE, SLOW, SAID = "surge", "slow", "said"
"""Where a regression shows: above capacity; in what is slow, stays bad, or does not work; in what the answers say."""


@dataclass(frozen=True)
class Regression:
    """A change that makes the shop worse: its commit message, the lines changed, and where it shows."""

    message: str
    changed: Mapping[str, str]
    shows: str


GOOD: dict[str, Mapping[str, str]] = {
    "queue": {},
    "pool": {
        "WORKERS, BANK_S = 2, 0.1": "WORKERS, BANK_S = 4, 0.21",
        "BOUND = 8": "BOUND = 6",
        "status=503, headers": "status=429, headers",
    },
    "deadline": {
        "WORKERS, BANK_S = 2, 0.1": "WORKERS, BANK_S = 1, 0.047",
        "BOUND = 8": "BOUND = 40",
        "GIVE_UP_S = 5.0": "GIVE_UP_S = 0.4",
    },
}
"""The good versions by name: a short queue; more and slower workers, and a no is 429; a long queue with a deadline."""

REGRESSIONS = {
    "bound": Regression("No more 503s during the demo", {"BOUND = 8": "BOUND = 500"}, SURGE),
    "retries": Regression("Be more resilient: try again", {"ATTEMPTS = 1": "ATTEMPTS = 6"}, SURGE),
    "fraud": Regression(
        "Check each charge for fraud, too", {"WORKERS, BANK_S = 2, 0.1": "WORKERS, BANK_S = 2, 0.125"}, SURGE
    ),
    "one_client": Regression(
        "Remove the limit for each client, nobody remembers why", {" or self.inside[client] >= PER_CLIENT": ""}, SURGE
    ),
    "recs": Regression(
        "Move to the new client, with its defaults", {"RECS_TIMEOUT_S = 0.2": "RECS_TIMEOUT_S = 30"}, SLOW
    ),
    "cache": Regression(
        "Pages are never older than a second",
        {"key: object = number": "key: object = (number, round(asyncio.get_running_loop().time()))"},
        SLOW,
    ),
    "flush": Regression(
        "Write all metrics out, lose none",
        {"FLUSH_S, FLUSH_EVERY_S = 0.002, 5.0": "FLUSH_S, FLUSH_EVERY_S = 0.9, 5.0"},
        SLOW,
    ),
    "leak": Regression(
        "Return early for a wrong amount",
        {'<= 0:\n            desk.give_back(client)\n': "<= 0:\n"},
        SLOW,
    ),
    "closed": Regression(
        "Turn the comparison round, it reads better", {"self.inside.total() >= BOUND": "self.inside.total() <= BOUND"}, SLOW
    ),
    "dead": Regression("Write all shares in percent", {"ERRORS = 0.02": "ERRORS = 2.0"}, SLOW),
    "untold": Regression("Remove a header that no test needs", {', headers={"Retry-After": "1"}': ""}, SAID),
    "too_many": Regression(
        "Answer 429, which is made for this", {'status=503, headers={"Retry-After": "1"}': "status=429"}, SAID
    ),
    "pages": Regression("Half as many places in the cache", {"key: object = number": "key: object = number // 2"}, SAID),
    "nothing": Regression("Allow orders of a free sample", {'order["amount"] <= 0': 'order["amount"] < 0'}, SAID),
    "negative": Regression("Say what an empty order is", {'order["amount"] <= 0': 'order["amount"] == 0'}, SAID),
    "mixed": Regression(
        "Keep the order in one place",
        {
            "current = order\n": "desk.order = order\n",
            'current["id"], "amount": current': 'desk.order["id"], "amount": desk.order',
        },
        SAID,
    ),
    "twice": Regression(
        "Make the keys of receipts unique", {'key = order["id"]': 'key = f"{order[\'id\']}-{len(receipts)}"'}, SAID
    ),
    "always_200": Regression(
        "Always answer 200, the error is in the body", {"status=response.status, headers=told": "headers=told"}, SAID
    ),
}  # fmt: skip


def source(version: str, bank: Sequence[float] = ()) -> str:
    """The text of a version of the shop; `bank` gives it other workers and other times, for a charge and for a
    signature. Raises KeyError.
    """
    changed = GOOD[version] if version in GOOD else REGRESSIONS[version].changed
    text = edited(Path(shop.__file__).read_text("utf-8"), changed, version)
    if not bank:
        return text
    workers, charge_s, signature_s = bank
    other = {"WORKERS, BANK_S = 2, 0.1": f"WORKERS, BANK_S = {round(workers)}, {charge_s}"}
    return edited(text, other | {"SIGNATURE_S = 0.01": f"SIGNATURE_S = {signature_s}"}, version)


def module(version: str, bank: Sequence[float] = ()) -> ModuleType:
    """A version of the shop as a module."""
    made = ModuleType("labs.lab14_load.shop")
    exec(compile(source(version, bank), "shop.py", "exec"), made.__dict__)  # noqa: S102 - the lab's own text
    return made


def diff(version: str) -> list[str]:
    """The lines of a regression that differ from the good version, as a diff shows them."""
    lines = unified_diff(source("queue").splitlines(), source(version).splitlines(), n=0, lineterm="")
    return [f"{line[0]} {line[1:].strip()}" for line in lines if line[:3] not in ("---", "+++") and line[0] in "+-"]

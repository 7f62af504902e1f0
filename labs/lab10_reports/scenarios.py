"""What is asked of the books, and what goes wrong meanwhile; and the few numbers of lab10."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab10_reports.data import BEFORE, OPEN, TENANTS, posting

RATE = 40.0
"""Requests a second of the load: half of them post an entry, half of them read one."""
READ_AFTER = 12
"""A reading asks for the entry that was posted so many postings before."""
REPEATED = 9
"""One posting in so many is sent twice in a row: the customer was unsure."""
PATIENCE_S = 8.0

REPORTS_FROM_S, CORRECTED_AT_S, CORRECTED_TO_S, MONTH_END_S = 0.5, 2.3, 4.3, 5.0
"""Month end: reports from here on, the correction here, with reports in it; it is looked at to here; the load ends here."""
REPORTS = (
    (0.5, "north"), (1.1, "south"), (1.5, "north"), (2.5, "south"), (2.7, "north"),
    (4.35, "north"), (4.6, "south"), (4.8, "north"), (5.6, "north"),
)  # fmt: skip
"""When a report of the open month is asked for, and by whom."""
AGAIN_S = 1.9
"""So long after the correction was asked for, it is asked for again, by the same name."""
TWICE_S = 0.02
"""The correction comes twice: so long after the first, the second."""

KILLS_S = 9.0
"""The day with the kills lasts so long."""
KILLED_S, DOWN_S = (0.85, 4.3), 0.3
"""The process is killed at these seconds, the second time at the end of the load; and once more at the end, for good."""
ASKED_S = 0.6
"""The correction of `kills` is asked for here, just before the first kill."""
BURST_RATE, BURST_S = 150.0, 0.12
"""Just before each kill: what is under way then is what a kill can lose. The office adds a rush of its own."""
VAULT_DOWN_S, VAULT_BEFORE_S = 0.5, 0.35
"""The vault fails for so long; in `kills` from so long before the second kill, so that what came then is anchored later."""
VAULT_FAILS_S, DAY_ENDS_S = 4.9, 5.05
"""In `month_end` the vault fails from here on; the last entry of the day comes in the failure, and then nobody comes."""
VAULT_S = 0.06
"""The vault answers after this long."""
ANCHORED_S = 1.0
"""What was confirmed so long ago must be under an anchor in the vault."""
EXPORT_S = 5.8
LATER_S = 7.5
"""In `kills`, long after the restart: a posting to suspense, and then the correction, which is done, is asked for again."""
LAST_S, LEAST_S = 0.12, 0.005
"""So long before the end the last correction is asked for: the process is killed in it, so long before the end."""
CORRECTION, LAST_POSTING = 0, 900_000
QUIET_CORRECTIONS = (("north", CORRECTION), ("south", CORRECTION), ("south", CORRECTION + 1))
"""The tenants give their corrections the same name; on the quiet day the south has a second one."""
MATRIX_AT_S, ACCESS_S, ACCESS_SETTLE_S = 1.5, 2.4, 3.6
"""On the quiet day, one after the other: the matrix, what comes at the heels of something else, and three corrections."""

WATCHED_S, ALONE_AT_S = 5.0, 1.2
"""The days on which an alert rule is tried last so long; on one of them a correction is asked for here, and nothing else."""
RUSH_AT_S, RUSH_RATE, RUSH_S = 2.0, 600.0, 0.4
"""A rush at the tills, on a healthy day."""

SETTINGS: dict[str, Any] = {
    "vault_s": VAULT_S, "reports": (), "corrections": (), "export_at_s": 0.0, "matrix_at_s": 0.0,
    "rushes": (), "day_ends_s": 0.0, "later_s": 0.0,
}  # fmt: skip
FILE = "books.sqlite"
"""The file of the books, in the working directory of the service of that name."""


def user(tenant: str) -> str:
    """The clerk for whom the load posts and reads."""
    return f"{tenant}/clerk/{tenant}-till"


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: a posting or, each second time, the reading of an entry that was posted before."""
    number = index // 2 - READ_AFTER * (index % 2)
    number -= number % REPEATED == REPEATED - 1  # the one before, once more
    tenant = TENANTS[number % 2]
    if index % 2:
        name = rng.named("entry", number) if number >= 0 else f"base-{BEFORE[tenant] + 1 + index}"
        return HttpRequest("GET", f"/{user(tenant)}/entries/{name}", rng.named("read", index), patience_s=PATIENCE_S)
    name = rng.named("entry", number)
    debit, credit, cents = posting(name)
    body = json.dumps({"month": OPEN, "debit": debit, "credit": credit, "cents": cents}).encode()
    return HttpRequest("POST", f"/{user(tenant)}/entries/{name}", name, body, patience_s=PATIENCE_S)


def month_end(rate: float = RATE, later_s: float = 0.0) -> Scenario:
    """Reports, then a correction with reports in it, while everybody posts and reads."""
    at = round(CORRECTED_AT_S + later_s, 3)
    asked = (
        (at, "north", CORRECTION),
        (at + TWICE_S, "north", CORRECTION),
        (at + AGAIN_S, "north", CORRECTION),
    )
    settings = {**SETTINGS, "reports": REPORTS, "corrections": asked, "day_ends_s": DAY_ENDS_S}
    failing = faults.ErrorStatus(service="vault", rate=1.0, at_s=VAULT_FAILS_S, seconds=VAULT_DOWN_S)
    return Scenario("month_end", (Phase(rate, MONTH_END_S),), (failing,), settings, settle_s=1.5)


def kills(at_s: tuple[float, ...] = KILLED_S, rate: float = BURST_RATE) -> Scenario:
    """Killed twice, once in the correction; then the audit is exported and tampered with; killed for good in another one."""
    load: list[Phase] = []
    now = 0.0
    for at in at_s:
        load += [Phase(RATE, at - BURST_S - now), Phase(rate, BURST_S)]
        now = at
    killed = [faults.Kill(service="books", at_s=at, seconds=DOWN_S) for at in at_s]
    last = faults.Kill(service="books", at_s=KILLS_S - LEAST_S)
    fails_s = round(at_s[-1] - VAULT_BEFORE_S, 3)
    failing = faults.ErrorStatus(service="vault", rate=1.0, at_s=fails_s, seconds=VAULT_DOWN_S)
    asked = (
        (ASKED_S, "north", CORRECTION),
        (KILLS_S - LAST_S, "south", CORRECTION),
    )
    rushes = (*at_s, KILLS_S - LEAST_S)
    settings = {**SETTINGS, "corrections": asked, "export_at_s": EXPORT_S, "rushes": rushes, "later_s": LATER_S}
    return Scenario("kills", tuple(load), (*killed, last, failing), settings, settle_s=round(KILLS_S - now, 3))


def access(rate: float = 20.0) -> Scenario:
    """A quiet day: every role on every path, then one thing at the heels of another, and one name from two tenants."""
    return Scenario(
        "access", (Phase(rate, ACCESS_S),), (), {**SETTINGS, "matrix_at_s": MATRIX_AT_S}, settle_s=ACCESS_SETTLE_S
    )


def correction() -> Scenario:
    """A correction, and no report."""
    settings = {**SETTINGS, "corrections": ((ALONE_AT_S, "north", CORRECTION),)}
    return Scenario("correction", (Phase(RATE, WATCHED_S),), (), settings, settle_s=1.5)


def rush() -> Scenario:
    """A healthy day with many customers at once."""
    load = (Phase(RATE, RUSH_AT_S), Phase(RUSH_RATE, RUSH_S), Phase(RATE, WATCHED_S - RUSH_AT_S - RUSH_S))
    return Scenario("rush", load, (), SETTINGS, settle_s=1.5)


def restart() -> Scenario:
    """A healthy day on which the process is killed and started again."""
    killed = faults.Kill(service="books", at_s=RUSH_AT_S, seconds=DOWN_S)
    return Scenario("restart", (Phase(RATE, WATCHED_S),), (killed,), SETTINGS, settle_s=1.5)


WATCHED = {"rush": None, "restart": None, "correction": ALONE_AT_S, "month_end": REPORTS_FROM_S}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""
SCENARIOS = {
    "month_end": month_end(), "kills": kills(), "access": access(),
    "correction": correction(), "rush": rush(), "restart": restart(),
}  # fmt: skip


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own rates, and its own moments to kill."""
    if scenario.name == "month_end":
        return month_end(rng.uniform(36, 44), rng.uniform(0.0, 0.1))
    if scenario.name == "kills":
        first = rng.uniform(0.78, 0.95)
        return kills((round(first, 3), round(KILLED_S[1] + rng.uniform(-0.2, 0.2), 3)), rng.uniform(130, 160))
    return access(rng.uniform(18, 22)) if scenario.name == "access" else scenario

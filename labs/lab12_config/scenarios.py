"""What is asked of the shop, which files it is given and when; and the few numbers of lab12."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

PATH = "shop.json"
"""The shop's configuration, in its working directory."""
SOON_S = 1.0
"""A file that was written is in force, or refused, so long after it."""
LOOK_S = SOON_S + 0.1
"""So long after a file was written the operator looks whether that is so."""
IMAGE_LIMIT, IMAGE_TIMEOUT_S, IMAGE_FEE, IMAGE_CURRENCY = 16, 1.0, 250, "EUR"
"""What the shop runs on at first: these values stand in the image, and in the first file."""
FIRST = "image-1"
"""The version of the first file."""
BAN_S = 1.0
"""A caller who comes with more calls at once than the bank allows is answered by nobody for so long."""

RATE = 40.0
CUT_AT_S, CUT_TO, NEW_LIMIT, NEW_TIMEOUT_S = 3.0, 4, 4, 0.5
"""When the bank allows fewer calls at once, how many; and what the operator writes then."""
WRITTEN_AT_S, INCIDENT_S = 5.0, 12.0
MENDED_AT_S = WRITTEN_AT_S + SOON_S + BAN_S
"""From here on no order need fail: the new limit is in force, and what the bank had blocked is over."""
HELD_AT_S, HELD_ORDERS = INCIDENT_S + 1.0, NEW_LIMIT + 3
"""After the load the bank stands still, and the operator orders more at once than may call: how long does the shop wait?"""
HELD_S = 30.0
"""How long the bank stands still, once it does."""

RELOADS, RELOAD_EVERY_S, RELOADS_AT_S, TORN_S = 40, 0.2, 1.0, 0.05
"""New files one after the other; every second one is rewritten in place, in two halves, so far apart."""
PROBE_EVERY_S, FIRST_PROBE = 0.25, 600_000
SEAM_AT_S = RELOADS_AT_S + RELOADS * RELOAD_EVERY_S + 1.5
"""In `reloads`, when all is quiet again, a bank that takes longer than a file may, and files that come while it does."""
SEAM_LIMIT, SEAM_TIMEOUT_S, SEAM_CALL_S = 12, 5.0, 1.5
SHORTER_AT_S, SHORTER_CALL_S, SHORTER_S = SEAM_AT_S + 1.5, 2.6, 0.3
"""While calls are under way, a file comes that says SHORTER_S for the timeout."""
BACK_AT_S, BACK_ORDERS_AT_S = SHORTER_AT_S + 0.05 + SOON_S + 0.2, SHORTER_AT_S + SHORTER_CALL_S + 0.2
"""While the same calls are under way, their own file is put back; and orders once they are over."""
EXPIRE_AT_S, EXPIRE_S = BACK_ORDERS_AT_S + 0.9, 1.3
"""Orders of one version that end after EXPIRE_S, because the bank is slow, when the next version is in force."""
QUIET_AT_S, QUIET_FILES, QUIET_EVERY_S, QUIET_ORDERS = EXPIRE_AT_S + 2.7, 6, 1.25, 4
"""Files that come while no order is under way, and orders at once after each."""
DROPPED, FIRST_DROPPED = 2, 800_000
"""After the first of these files one more order each: the bank charges it, and drops the connection without an answer."""
REFUSED_AT_S, REFUSED_FILES, FIRST_REFUSED = QUIET_AT_S + QUIET_FILES * QUIET_EVERY_S, 4, 900_000
"""And as many more files; after each, the same orders, and one more that the bank refuses."""
QUIET_S = (QUIET_FILES + REFUSED_FILES) * QUIET_EVERY_S
LIVE_RELOADS, LIVE_EVERY_S, LIVE_TORN_S, LIVE_LOAD_S = 200, 0.025, 0.005, 6.5
LIVE_LATE_S = 2.5
"""So much longer than SOON_S the last file may take on a busy machine; the simulated runs ask for the second."""
LIVE_ORDERS = 6
"""Orders that the operator makes at once, again and again, while it reloads."""

FILE_AT_S, TAKEN_BACK_S, BANK_CUT_S, WATCHED_S = 3.0, 0.9, 1.5, 10.0
"""The days on which an alert rule is tried last so long. Here a file is written; on one of them the first file is put back
so much later; and on one there is none, and the bank allows one call at once for so long."""

SLOT_S, EARLY_S = 1.2, 0.06
"""In `bad` and `flags` a new file comes so often, up to EARLY_S after the beginning of its slot."""
BAD_FILES, BAD_IN_A_ROW = 80, 8
"""So many bad files, and so many of them after each good one."""
_GROUP = "good" + BAD_IN_A_ROW * " bad" + " "
_KILL = _GROUP.replace("bad bad ", "bad kill bad ", 1)
_HURRY = _GROUP.replace("bad bad ", "flags timeout limit bad kill bad ", 1)
_END = (
    "good torn same torn directory torn limit timeout flags directory kill missing kill rest soon rest tear rest down rest"
)
PLAN = tuple((_GROUP * 2 + _KILL + _GROUP * 4 + _HURRY + _GROUP * 2 + _END).split())
"""What happens in each slot of `bad`: a good file, a bad one, a change of one thing under the same version (CHANGES), a kill
while the last file stands there; in the end a torn file, the very bytes of the last good one, those of the torn one, a
directory, the torn one again, changes, a directory, none at all.

Then a good file, and the process is killed SOON_KILLED_S after it, while a bad one stands there already; the same, and the
kill comes while the shop writes ("tear"); and a good file that is written while the process is down."""
SOON = ("soon", "tear", "down")
KILLED_IN = tuple(slot for slot, step in enumerate(PLAN) if step in ("kill", *SOON))
"""In these slots of `bad` the shop's process is killed and started again."""
KILL_AFTER_S, DOWN_S = 0.6, 0.15
SOON_BAD_S, SOON_KILLED_S = 0.4, 0.75
BAD_S = SLOT_S * len(PLAN)
SETTLED_LIMIT, SETTLED_TIMEOUT_S, CROWD, FIRST_HELD = 4, 0.3, 5, 700_000
"""Before and after a kill the file in force names these two; the operator makes an order that the bank never answers, and
CROWD others at once. Those that are never answered have the numbers from FIRST_HELD on."""
CHANGES: dict[str, dict[str, Any]] = {
    "limit": {"limit": SETTLED_LIMIT}, "timeout": {"timeout_s": SETTLED_TIMEOUT_S},
    "flags": {"flags": {"gift": {"on": True, "percent": 100}, "express": {"on": True, "percent": 40}}},
}  # fmt: skip
"""What a step of PLAN changes in the last good file, of which the version stays."""

USERS = 1_500
STAGE_S, STAGED_AT_S = 1.2, 1.0
GIFT, TWINS, HALF_STAGE = 50, ("gift", "sale", "news"), 8
"""These flags are on for GIFT percent all the time; in HALF_STAGE all flags are. Their names are of one length."""
COUNTED, COUNTED_USERS, COUNTED_AT_ONCE = {"rare": 1, "most": 99}, 20_000, 2_000
"""Flags with shares at which one place of a hundred is seen, asked once for many users, so many at a time."""
ODD_EVERY = 10
"""Each tenth user has a name without a letter of ASCII."""
BAD_STAGE: dict[str, Any] = {}
STAGES: tuple[dict[str, Any] | None, ...] = (
    *({"on": True, "percent": percent} for percent in (0, 10, 30, 30, 60, 100, 60, 30, 50)),
    BAD_STAGE, {"on": False, "percent": 100}, {"on": True, "percent": 30}, None,
)  # fmt: skip
"""In `flags`, what stands in each file of the flag `express`: a share, a bad file, the kill switch, on again, gone."""
SAME_VERSION = 10
"""The file of this stage, the kill switch, has the version of the last good one: somebody was in a hurry."""
RESTARTED_IN = 7
"""In this stage the process is killed and started again, before the operator looks."""

MANY = 10 * IMAGE_LIMIT
SETTINGS: dict[str, Any] = {
    "script": "incident", "bank_s": ((0.0, 0.08),), "allows": ((0.0, MANY),), "reloads": (0, 0.0, 0.0), "orders": 1,
    "seam": False, "late_s": 0.0, "written_at_s": 0.0, "back_after_s": 0.0,
}  # fmt: skip
"""`bank_s` and `allows`: from which second on the bank takes how long, and allows how many calls at once."""


def cents_of(order: str) -> int:
    """What an order costs without the fee; it follows from its name, whoever asks."""
    return Random(order).randrange(1_000, 20_000)


def order(index: int, rng: Draws) -> HttpRequest:
    """The i-th order of the load."""
    name = rng.named("order", index)
    return HttpRequest("POST", "/orders", name, json.dumps({"id": name, "cents": cents_of(name)}).encode(), patience_s=6.0)


def incident(rate: float = RATE, cut_at_s: float = CUT_AT_S) -> Scenario:
    """The bank allows fewer calls at once; two seconds later the operator writes the new limit."""
    bank_s = ((0.0, 0.08), (HELD_AT_S - 0.2, HELD_S))
    settings = {**SETTINGS, "allows": ((0.0, MANY), (cut_at_s, CUT_TO), (HELD_AT_S - 0.2, MANY)), "bank_s": bank_s}
    return Scenario("incident", (Phase(rate, INCIDENT_S),), (), settings, settle_s=3.5)


def reloads(rate: float = 30.0) -> Scenario:
    """Forty new files in eight seconds, while orders are under way; then one file after the other at a slow bank."""
    bank_s = (
        (0.0, 0.15), (SHORTER_AT_S, SHORTER_CALL_S), (BACK_ORDERS_AT_S - 0.1, 0.08), (EXPIRE_AT_S, SEAM_CALL_S),
        (QUIET_AT_S, 0.08),
    )  # fmt: skip
    settings = {**SETTINGS, "script": "reloads", "bank_s": bank_s, "seam": True}
    settings["reloads"] = (RELOADS, RELOAD_EVERY_S, TORN_S)
    load_s = RELOADS_AT_S + RELOADS * RELOAD_EVERY_S + 0.5
    return Scenario("reloads", (Phase(rate, load_s),), (), settings, settle_s=QUIET_AT_S + QUIET_S - load_s + 1.0)


def live_reloads() -> Scenario:
    """Two hundred new files in five seconds, on a real disk."""
    every = (LIVE_RELOADS, LIVE_EVERY_S, LIVE_TORN_S)
    settings = {**SETTINGS, "script": "reloads", "bank_s": ((0.0, 0.05),), "reloads": every, "orders": LIVE_ORDERS}
    settings["late_s"] = LIVE_LATE_S
    return Scenario("live_reloads", (Phase(30.0, LIVE_LOAD_S),), (), settings, settle_s=4.0, send_lag_s=0.25)


def bad(kill_after_s: float = KILL_AFTER_S) -> Scenario:
    """Eighty bad files, in an order that nobody knows, and a good one before each eight; kills meanwhile; and see PLAN."""
    times = (SLOT_S * slot + (SOON_KILLED_S if PLAN[slot] in SOON else kill_after_s) for slot in KILLED_IN)
    kills = tuple(faults.Kill(service="shop", at_s=at_s, seconds=DOWN_S) for at_s in times)
    return Scenario("bad", (Phase(3.0, BAD_S),), kills, {**SETTINGS, "script": "bad"}, settle_s=2.0)


def flags() -> Scenario:
    """Two flags and their shares, file after file; a kill of the process; the kill switch."""
    kill = faults.Kill(service="shop", at_s=STAGED_AT_S + STAGE_S * RESTARTED_IN + 0.4, seconds=DOWN_S)
    load = (Phase(3.0, STAGED_AT_S + STAGE_S * len(STAGES)),)
    return Scenario("flags", load, (kill,), {**SETTINGS, "script": "flags"}, settle_s=2.0)


def watched(name: str, back_after_s: float = 0.0, allows: tuple[tuple[float, float], ...] = ()) -> Scenario:
    """A day on which an alert rule is tried. Without `allows` the operator writes a file, and after `back_after_s`, if that
    is not 0, the first file once more; else the bank allows so many calls at once, and there is no file."""
    settings = {**SETTINGS, "script": "watched", "allows": allows or SETTINGS["allows"]}
    settings |= {"written_at_s": 0.0 if allows else FILE_AT_S, "back_after_s": back_after_s}
    return Scenario(name, (Phase(RATE, WATCHED_S),), (), settings, settle_s=1.5)


WATCHED = {"taken_back": None, "bank": None, "unread": FILE_AT_S, "incident": WRITTEN_AT_S}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""
SCENARIOS = {
    "incident": incident(), "reloads": reloads(), "bad": bad(), "flags": flags(), "live_reloads": live_reloads(),
    "taken_back": watched("taken_back", TAKEN_BACK_S), "unread": watched("unread"),
    "bank": watched("bank", allows=((0.0, MANY), (FILE_AT_S, 1), (FILE_AT_S + BANK_CUT_S, MANY))),
}  # fmt: skip


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own rates and moments."""
    if scenario.name == "incident":
        return incident(rng.uniform(36, 42), rng.uniform(2.6, 3.4))
    if scenario.name == "reloads":
        return reloads(rng.uniform(26, 34))
    if scenario.name == "bad":
        return bad(rng.uniform(0.55, 0.7))
    return scenario

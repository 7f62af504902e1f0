"""The checks of flags: which users have a feature, and how soon nobody has it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from labs.kit import Finding, Run, check
from labs.lab12_config import readings
from labs.lab12_config.scenarios import (
    COUNTED,
    COUNTED_USERS,
    GIFT,
    HALF_STAGE,
    ODD_EVERY,
    RESTARTED_IN,
    SAME_VERSION,
    STAGES,
    TWINS,
    USERS,
)

SHARE_OFF, OVERLAP_OFF = 0.06, 0.08
"""By how much the share of 1,500 users may be off, and that of one flag's users among another's: more than four standard
deviations."""
PLACE_OFF = 0.5
"""By how many of a hundred the share of a flag of COUNTED may be off: seven standard deviations."""
ODD_OFF = 0.25
"""By how much the share of the users with a name without ASCII may be off: they are a tenth of all."""


def _stage(run: Run, flag: str) -> dict[int, frozenset[int]]:
    return {stage: asked[0] for stage, asked in readings.stages(run, flag).items()}


@check(
    "A share of users is the same users",
    needs="flags", at_most=SHARE_OFF, unit="by which a share is off", points=3,
    hint="A user's place is a number from 0 to 99 that follows from flag and name alone, in every process.",
)  # fmt: skip
def buckets(run: Run) -> Finding:
    """The share is right, stays the same over files and restarts, only grows when it grows, and is each flag's own."""
    asked, express, gift = readings.stages(run, "express"), _stage(run, "express"), _stage(run, "gift")
    once = {seen["flag"]: seen["asked"] for seen in readings.told(run, "counted")}
    if set(express) != set(range(len(STAGES))) or set(gift) != set(express) or once != dict.fromkeys(COUNTED, COUNTED_USERS):
        return Finding(False, 1, "errors", "The operator got no answer to whether users have a feature.")
    off = {number: abs(len(express[number]) / USERS - content["percent"] / 100) for number, content in _on()}
    worst = max(off, key=lambda number: off[number])
    if not any(express.values()):
        return Finding(False, off[worst], "baked_in", "No user ever has the feature, whatever the file says.")
    if any(len(set(answers)) > 1 for answers in asked.values()):
        return Finding(False, 1, "dice", "The same users, asked twice within one version, are not the same who have it.")
    half = [number for number, content in _on() if content["percent"] == GIFT][-1]
    odd, others = {user for user in express[half] if user % ODD_EVERY == 0}, USERS // ODD_EVERY
    if (
        abs(len(odd) / others - GIFT / 100) > ODD_OFF
        and abs(len(express[half] - odd) / (USERS - others) - GIFT / 100) <= SHARE_OFF
    ):
        told = f"At {GIFT} %, {len(odd)} of {others} users whose names have no letter of ASCII have the feature"
        return Finding(False, 1, "same_place", f"{told}: do they all share one place?")
    if off[worst] > SHARE_OFF or express[0] or len(express[5]) < USERS:
        wanted = dict(_on())[worst]["percent"]
        told = f"At {wanted} % the feature is on for {len(express[worst]) / USERS:.1%} of the users"
        why = "at 0 % nobody has it, at 100 % everybody." if off[worst] <= SHARE_OFF else "right is the share of the file."
        return Finding(False, off[worst], "wrong_share", f"{told}; {why}")
    moved = len(express[2] ^ express[3])
    if moved or any(gift[stage] != gift[0] for stage in range(RESTARTED_IN)):
        told = f"A new file with the same share, and {moved} of {USERS} users changed sides"
        return Finding(False, 1, "moves_with_version", f"{told}: what goes into a user's place beside flag and name?")
    if express[RESTARTED_IN] != express[2] or gift[RESTARTED_IN] != gift[0]:
        return Finding(False, 1, "moves_with_process", "After a restart other users have the feature: hash() of a text?")
    if not express[1] <= express[2] <= express[4] or express[6] != express[4] or express[11] != express[RESTARTED_IN]:
        return Finding(False, 1, "shuffled", "When the share changes, users who had the feature lose it.")
    overlap = len(express[HALF_STAGE] & gift[HALF_STAGE]) / max(1, len(gift[HALF_STAGE]))
    if abs(overlap - 0.5) > OVERLAP_OFF:
        told = f"Both flags are on for half of the users; of those of one, {overlap:.0%} have the other, too"
        return Finding(False, abs(overlap - 0.5), "one_bucket", f"{told}: the same users test everything.")
    halves = {flag: _stage(run, flag).get(HALF_STAGE, frozenset()) for flag in TWINS}
    for one, other in combinations(TWINS, 2):
        overlap = len(halves[one] & halves[other]) / max(1, len(halves[one]))
        if abs(overlap - 0.5) > OVERLAP_OFF:
            told = f"`{one}` and `{other}` are on for half of the users each; of those of one, {overlap:.0%} have the other"
            return Finding(False, abs(overlap - 0.5), "crc_alone", f"{told}. Their names are of one length: crc32 alone?")
    for seen in readings.told(run, "counted"):
        percent, found = COUNTED[seen["flag"]], 100 * seen["many"] / seen["asked"]
        if abs(found - percent) > PLACE_OFF:
            told = f"At {percent} % the feature is on for {found:.1f} % of {seen['asked']:,} users"
            return Finding(False, 1, "one_place_off", f"{told}: a place too many, or too few.")
    return Finding(True, off[worst], "same", f"Shares are off by {off[worst]:.1%} at most; users stay where they are.")


def _on() -> list[tuple[int, Mapping[str, Any]]]:
    """The stages in which `express` is on, with the flag."""
    return [(number, content) for number, content in enumerate(STAGES) if content and content["on"]]


@check(
    "The kill switch works within a second",
    needs="flags", at_most=0, unit="users who still have the feature", points=2,
    hint="`on` false means nobody, whatever the share; and a bad file just before must not keep the next one out.",
)  # fmt: skip
def kill_switch(run: Run) -> Finding:
    """A second after the switch nobody has the feature, though a bad file came just before; other flags stay."""
    express, gift = _stage(run, "express"), _stage(run, "gift")
    before, after, off = express.get(8, frozenset()), express.get(SAME_VERSION, frozenset()), express.get(12, frozenset())
    if not before:
        return Finding(False, USERS, "never_on", "The feature was never on, so there is nothing to switch off.")
    if len(after) == USERS:
        return Finding(False, USERS, "ignores_off", "The file says off and 100 %, and everybody has the feature.")
    late = {number for number, content in _on() if abs(len(express[number]) / USERS - content["percent"] / 100) > SHARE_OFF}
    if after == before and not late and not off:
        told = f"The switch came in a file with the version of the one before, and {len(after)} users still have the feature"
        return Finding(False, len(after), "same_version", f"{told}: is a file known by its version alone?")
    if after:
        return Finding(False, len(after), "late", f"A second after the switch {len(after)} users still have the feature.")
    if abs(len(gift.get(SAME_VERSION, ())) / USERS - GIFT / 100) > SHARE_OFF:
        return Finding(False, 1, "too_much", "The switch of one flag changed another.")
    if off:
        return Finding(False, len(off), "unknown_on", f"The flag is gone from the file, and {len(off)} users have it.")
    return Finding(True, 0, "off", f"Of {len(before)} users with the feature, none had it a second after the switch.")

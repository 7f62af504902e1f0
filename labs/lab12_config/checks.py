"""The graded checks of lab12. All but one judge what bank, operator and load saw; `logs` judges what the shop logs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from labs.kit import Finding, Run, check, stats
from labs.lab12_config import readings
from labs.lab12_config.offered import AGAIN, BAD
from labs.lab12_config.scenarios import (
    CUT_AT_S,
    CUT_TO,
    FIRST,
    GIFT,
    HELD_ORDERS,
    KILLED_IN,
    LIVE_RELOADS,
    MENDED_AT_S,
    NEW_TIMEOUT_S,
    ODD_EVERY,
    PLAN,
    QUIET_FILES,
    RESTARTED_IN,
    SAME_VERSION,
    SETTLED_LIMIT,
    STAGES,
    USERS,
    WRITTEN_AT_S,
)

MENDED_GOAL, CALM_GOAL, PROMPT_S = 0.98, 0.995, 1.0
WAITED_S = 0.75
"""How long an order may wait for a bank that answers nobody: the file says 0.5 s, the image 1 s."""
MOST_OPEN = 16
HELD_OFF_S = 0.5
"""Before and after a kill an order is given up after 0.3 s by the file, after 1 s by the image."""
SHARE_OFF, OVERLAP_OFF = 0.06, 0.08
"""By how much the share of 1,500 users may be off, and that of one flag's users among another's: more than four standard
deviations."""
ODD_OFF = 0.25
"""By how much the share of the users with a name without ASCII may be off: they are a tenth of all."""
LIVE_VERSIONS = 8
"""So many versions at least must be seen in the answers of a live run."""
EMPTY = {bad.kind for bad in BAD if bad.slug in ("accepts_empty", "accepts_missing_key")}
KINDS = {bad.kind: bad for bad in BAD}


def baked_in(run: Run) -> Finding:
    """The finding for a shop that never reads its file."""
    if run.info.scenario == "reloads" and readings.last(run)["status"] != 200:
        return Finding(False, math.inf, "no_answer", "The last order, after all files were written, was not confirmed.")
    return Finding(False, math.inf, "baked_in", "No new file came into force: what reads shop.json while the shop runs?")


@check(
    "A new limit is in force while the shop runs",
    needs="incident", at_least=MENDED_GOAL, unit="share of orders confirmed once a new limit is in force", points=3,
    hint="What reads the file after the start? And what was made with the limit of the old one?",
)  # fmt: skip
def limit(run: Run) -> Finding:
    """The bank's new limit is kept soon after the file was written."""
    share = stats.success_rate(run, MENDED_AT_S)
    if share >= MENDED_GOAL:
        return Finding(True, share, "kept", f"From second {MENDED_AT_S:g} on, {share:.1%} of the orders were confirmed.")
    most = stats.most_in_flight(run, readings.BANK, MENDED_AT_S, run.info.load_s)
    told = f"From second {MENDED_AT_S:g} on only {share:.0%} of the orders were confirmed; up to {most} calls at once"
    if readings.behind(run, run.info.load_s):
        return Finding(False, share, "baked_in", f"{told}: the file of second {WRITTEN_AT_S:g} never came into force.")
    if readings.behind(run, MENDED_AT_S):
        return Finding(False, share, "late", f"{told}: the file of second {WRITTEN_AT_S:g} came into force too late.")
    if not stats.outcomes(run, readings.BANK, MENDED_AT_S)["429"]:
        return Finding(False, share, "slow", f"{told}, and the bank refused none: the shop itself is too slow.")
    return Finding(False, share, "limit_captured", f"{told}: the new version is named, the calls keep the old limit.")


@check(
    "A new timeout, too",
    needs="incident", at_most=WAITED_S, unit="s until the answer, while the bank answers nobody", points=1,
    hint="What was made with the old timeout and is still in use: a session, a default argument?",
)  # fmt: skip
def timeout(run: Run) -> Finding:
    """An order to a bank that stands still ends after the timeout of the file."""
    held = sorted(seen["took_s"] for seen in readings.told(run, "held")) or [8.0]
    took = held[-1]
    told = f"The bank stood still: of {HELD_ORDERS} orders the shop gave the last up after {took:.2f} s"
    told += f", and its file says {NEW_TIMEOUT_S:g} s"
    if took <= WAITED_S:
        return Finding(True, took, "kept", f"{told}.")
    if len(held) > CUT_TO and held[CUT_TO - 1] <= WAITED_S:
        return Finding(False, took, "waits_outside", f"{told}: waiting for a free call must count, too.")
    return Finding(False, took, "timeout_captured", f"{told}. Where does the timeout of a call come from?")


@check(
    "No order sees half of two versions",
    needs="reloads", at_most=0, unit="orders made of two versions", points=3,
    hint="An order takes its settings once, as one value that nobody changes, and uses them to its end.",
)  # fmt: skip
def one_version(run: Run) -> Finding:
    """Fee, currency, version and debit of each order belong to one file."""
    found = readings.mixed(run)
    if found:
        first = f"the first is {found[0].order}: {found[0].why}"
        return Finding(False, len(found), "mixed", f"{len(found)} orders were made of more than one version; {first}.")
    if not readings.adopted(run):
        return baked_in(run)
    return Finding(True, 0, "whole", "Each order was made of one version.")


@check(
    "No order is lost in a reload",
    needs="reloads", at_most=0, unit="orders lost in 40 reloads", points=2,
    hint="What still uses the old connections when a new file comes into force? Close them when the last order is over.",
)  # fmt: skip
def none_lost(run: Run) -> Finding:
    """Forty new files, and no order fails."""
    lost = readings.lost(run)
    if lost:
        told = f"{len(lost)} orders failed, first {lost[0]}, though the bank was well all the time"
        return Finding(False, len(lost), "lost", f"{told}: lab.run(scenario='reloads') names the error.")
    cut = [fields for _, fields in readings.ordered(run, "cut") if fields["status"] != 200]
    if cut and readings.adopted(run):
        told = f"{len(cut)} orders under way failed when a file with a shorter timeout came"
        return Finding(
            False, len(cut), "cut_off", f"{told}. Is their session closed after the new timeout, not after theirs?"
        )
    return Finding(True, 0, "none", "No order failed in 40 reloads.") if readings.adopted(run) else baked_in(run)


@check(
    "Nothing of an old version stays open",
    needs="reloads", at_most=MOST_OPEN, unit="connections open at the bank in the end", points=1,
    hint="Each new pool of connections has an old one, which somebody must close: after its last call.",
)  # fmt: skip
def gone(run: Run) -> Finding:
    """After all reloads, of which the last came while no order was under way, few connections are open at the bank."""
    if not readings.adopted(run):
        return baked_in(run)
    count = readings.still_open(run)
    told = f"After {len(readings.offered(run))} reloads {count:.0f} connections are open at the bank"
    if count <= MOST_OPEN:
        return Finding(True, count, "gone", f"{told}.")
    told += f"; the last {QUIET_FILES} files came while no order was under way"
    return Finding(False, count, "pools_left", f"{told}. Who closes a pool that nobody uses any more?")


@check(
    "Each log line of an order names its version",
    needs="reloads", at_most=0, unit="orders whose lines do not", points=1, hears=("logs",),
    hint="self.log.info(..., version=...), with the version that the order was made with, also after the call.",
)  # fmt: skip
def logs(run: Run) -> Finding:
    """Each line that the shop logs for an order names the version that its answer names."""
    versions, lines = readings.answered(run), readings.lines(run)
    if not readings.adopted(run):
        return baked_in(run)
    late = [order for order, version in readings.expired(run).items()
            if {_field(log.fields, "version") for log in lines[order]} - {version}]  # fmt: skip
    silent, without, other = [], [], []
    for order, version in versions.items():
        named = [_field(log.fields, "version") for log in lines[order]]
        if not named:
            silent.append(order)
        elif None in named:
            without.append(order)
        elif set(named) != {version}:
            other.append(order)
    wrong = [*silent, *without, *other]
    if not wrong and late:
        told = f"{len(late)} orders were given up when the next version was in force, first {late[0]}"
        return Finding(
            False, len(late), "failed_under_another", f"{told}: a line does not name the version that it was made of."
        )
    if not wrong:
        return Finding(True, 0, "named", f"Each of {len(versions)} orders was logged with the version of its answer.")
    told = f"Of {len(versions)} orders {len(wrong)} are not logged with their version, first {wrong[0]}"
    if silent:
        return Finding(False, len(wrong), "no_line", f"{told}: there is no line with its request_id.")
    if without:
        return Finding(False, len(wrong), "no_version", f"{told}: a line has no field `version`.")
    return Finding(False, len(wrong), "other_version", f"{told}: a line names another version than the answer.")


def _field(fields: str, name: str) -> Any:
    try:
        found = json.loads(fields)
    except ValueError:
        return None
    return found.get(name) if isinstance(found, dict) else None


def _good(seen: readings.Fields) -> bool:
    """Is it a good file that the operator wrote before this look?"""
    return seen["kind"] in ("good", AGAIN)


def _never(run: Run) -> bool:
    """Did no good file come into force in `bad`?"""
    goods = [seen for seen in readings.told(run, "looked") if seen["kind"] == "good"]
    return all(seen["version"] != seen["offered"] for seen in goods)


@check(
    "A bad file changes nothing",
    needs="bad", at_most=0, unit="files after which the last good one was not in force", points=4,
    hint="Parse and validate all of it before anything is changed; whatever is raised meanwhile, keep what is in force.",
)  # fmt: skip
def last_good(run: Run) -> Finding:
    """After each bad file the last good one is in force, after each good one that."""
    looks = readings.told(run, "looked")
    if _never(run):
        return baked_in(run)
    wrong, restarted = [], False
    for seen in looks:
        # What went wrong in a restart, until the next good file, another check says.
        restarted = not _good(seen) and (restarted or (seen["killed"] and not _right(seen)))
        wrong += [seen] * (not _right(seen) and (not restarted or _taken(seen)))
    if not wrong:
        goods = sum(map(_good, looks))
        told = (
            f"After {len(looks) - goods} looks at bad files the last good one was in force, after {goods} good ones those."
        )
        return Finding(True, 0, "kept", told)
    slug, why = _why(looks, wrong)
    return Finding(False, len(wrong), slug, f"After {len(wrong)} of {len(looks)} files another was in force: {why}")


def _right(seen: readings.Fields) -> bool:
    """Was the last good version in force, and the answer made of it?"""
    return bool(seen["status"] == 200 and seen["version"] == seen["last_good"] and not seen["wrong"])


def _taken(seen: readings.Fields) -> bool:
    """Did a bad file come into force?"""
    return bool(not _good(seen) and seen["version"] == seen["offered"])


def _why(looks: Sequence[readings.Fields], wrong: Sequence[readings.Fields]) -> tuple[str, str]:
    """The reason of the finding that names its cause best, and the end of a sentence."""
    pairs = [(before["version"], seen) for before, seen in pairwise(looks) if not seen["killed"]]
    changed = [(before, seen) for before, seen in pairs if not _good(seen) and seen["version"] not in (before, "")]
    fell = {seen["kind"] for before, seen in changed if seen["version"] == FIRST}
    known = {seen["offered"] for seen in looks} | {FIRST}
    taken = {seen["kind"] for seen in looks if _taken(seen)}
    taken |= {seen["kind"] for _, seen in changed if seen["version"] not in known}
    if fell and fell <= EMPTY:
        return "accepts_empty", "an empty file was taken for one that says nothing else than the image."
    if fell:
        return "falls_back", f"the shop fell back on the values of its image, as after: {min(fell)}."
    for bad in BAD:
        if bad.kind in taken:
            rest = f", and {len(taken) - 1} other kinds" if len(taken) > 1 else ""
            return bad.slug, f"a bad file came into force ({bad.kind}{rest})."
    first = wrong[0]
    if all(seen["status"] != 200 for seen in wrong):
        return "down", f"orders failed, first after: {first['kind']}."
    refused = [seen for seen in wrong if _good(seen) and seen["said"]["refused"] > seen["refused_before"]]
    if refused and refused[0] == next(filter(_good, wrong)):
        return "refuses_good", f"a good one was refused, for: {refused[0]['said']['reason'][:120]}"
    return "stuck", f"a good file did not come into force, first after: {first['kind']}. What no longer looks?"


@check(
    "The shop says what it refused, and why",
    needs="bad", at_most=0, unit="files of which it does not", points=2,
    hint="status(): version in force, `refused` one higher, and a reason that names the field, until a good file is there.",
)  # fmt: skip
def told(run: Run) -> Finding:
    """Of each refused file the shop says that and why it was refused, and which version it runs on."""
    if _never(run):
        return baked_in(run)
    silent, uncounted, nameless, other = [], [], [], []
    uncleared: list[str] = []
    again: list[str] = []
    known: set[str] = set()
    for seen in readings.told(run, "looked"):
        came_again, known = seen["kind"] in known, known | {seen["kind"]}
        said = seen["said"]
        if seen["version"] != seen["last_good"]:
            continue  # it was taken, or nothing works: the other check says so
        if said["version"] != seen["version"]:
            other.append(seen["kind"])
        if _good(seen):
            (again if seen["kind"] == AGAIN else uncleared).extend([seen["kind"]] * bool(said["reason"]))
            continue
        expected = KINDS[seen["kind"]].names
        if not said["reason"].strip():
            silent.append(seen["kind"])
        elif said["refused"] <= (0 if seen["killed"] else seen["refused_before"]):
            uncounted.append("the same bad file again" if came_again and not seen["killed"] else seen["kind"])
        elif expected and not any(name in said["reason"] for name in expected):
            nameless.append(seen["kind"])
    counted = "same_not_counted" if set(uncounted) == {"the same bad file again"} else "not_counted"
    for found, slug, why in (
        (silent, "no_reason", "no reason is given"), (uncounted, counted, "`refused` did not rise"),
        (other, "other_version", "status() names another version than answers do"),
        (nameless, "no_field", "the reason does not name the field"),
        (uncleared, "never_cleared", "a good file is in force, and a reason still stands there"),
        (again, "same_not_cleared", "the file in force is back on the disk, and a reason still stands there"),
    ):  # fmt: skip
        if found:
            return Finding(False, len(found), slug, f"After {len(found)} files {why}, first: {found[0]}.")
    return Finding(True, 0, "told", "Each refused file was counted, with a reason that names what is wrong.")


@check(
    "A restart finds the last good version",
    needs="bad", at_most=0, unit=f"restarts of {len(KILLED_IN)} that do not", points=1,
    hint="A new process finds a bad file, or none, and has nothing else: keep a copy of each good file, all of it, written"
    " as a whole, and before it is in force.",
)  # fmt: skip
def restart(run: Run) -> Finding:
    """A process that starts while the file is bad runs on the last good version."""
    if _never(run):
        return baked_in(run)
    if not any(_right(seen) for seen in readings.told(run, "looked") if not _good(seen)):
        return Finding(False, len(KILLED_IN), "never_kept", "After no bad file the last good version was in force.")
    settled = {(seen["slot"], seen["after"]): seen for seen in readings.told(run, "settled")}
    pairs = [(slot, settled.get((slot, False)), settled.get((slot, True))) for slot in KILLED_IN]
    found = [_restarted(run, slot, before, after) for slot, before, after in pairs if before and after]
    wrong = [one for one in found if one]
    if not wrong:
        return Finding(True, 0, "found", "Started again on a bad file, the shop ran on what was in force before.")
    slug, why = wrong[0]
    return Finding(False, len(wrong), slug, f"The shop was started again while its file was bad, {why}.")


def _restarted(run: Run, slot: int, before: readings.Fields, after: readings.Fields) -> tuple[str, str] | None:
    """What was in force before the kill of this slot and is not after it; what was wrong before, other checks say."""
    if before["status"] != 200:
        return None
    if after["status"] != 200:
        return "down", "and then took no orders"
    if after["version"] not in (before["version"], after.get("last_good")) or (after["wrong"] and not before["wrong"]):
        if PLAN[slot] == "soon":
            return "kept_late", f"soon after {before['version']} came into force, and ran on {after['version']}"
        if PLAN[slot - 1] == "missing":
            return "missing_is_new", f"there was none at all, and ran on {after['version']}, as a new shop would"
        if after["version"] == FIRST:
            return "defaults", "and ran on the values of its image"
        return "another", f"and ran on {after['version']}, not on {before['version']}"
    if PLAN[slot] == "soon":
        return None
    flags = readings.offered(run).get(before["version"], {}).get("flags", {})
    if before["has"][:1] == f"{flags.get('gift', {}).get('on', False):d}" and _flags_seen(after) != _flags_seen(before):
        return "forgets_flags", "and its flags were not those of before"
    if before["held_s"] <= HELD_OFF_S < after["held_s"]:
        return "forgets_timeout", f"and gives up after {after['held_s']:.2f} s, before after {before['held_s']:.2f} s"
    was, now = (stats.most_in_flight(run, readings.BANK, seen["began"], seen["ended"]) for seen in (before, after))
    if was <= SETTLED_LIMIT < now:
        return "forgets_limit", f"and makes {now} calls at once, where its limit was {SETTLED_LIMIT}"
    return None


def _flags_seen(seen: readings.Fields) -> tuple[bool, bool]:
    """Has one user the flag `gift`, and any of some users the flag `express`? Which users, `buckets` asks."""
    return "1" in seen["has"][:1], "1" in seen["has"][1:]


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
    if set(express) != set(range(len(STAGES))) or set(gift) != set(express):
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
    overlap = len(express[8] & gift[8]) / max(1, len(gift[8]))
    if abs(overlap - 0.5) > OVERLAP_OFF:
        told = f"Both flags are on for half of the users; of those of one, {overlap:.0%} have the other, too"
        return Finding(False, abs(overlap - 0.5), "one_bucket", f"{told}: the same users test everything.")
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


@check(
    "Live: 200 reloads, and no order fails",
    needs="live_reloads", at_most=0, unit="orders lost or mixed", points=2, world="live",
    hint="On a real disk a reader meets a file that is half written. What does your shop do then?",
)  # fmt: skip
def live(run: Run) -> Finding:
    """On real files: no order fails, none is mixed, the process stays, and the versions change."""
    lost, torn = readings.lost(run), readings.mixed(run)
    seen, wrong = readings.versions_seen(run), len(lost) + len(torn)
    if lost:
        return Finding(False, wrong, "lost", f"{len(lost)} orders failed in {LIVE_RELOADS} reloads, first {lost[0]}.")
    if torn:
        return Finding(False, wrong, "mixed", f"{len(torn)} orders were made of two versions, first: {torn[0].why}.")
    if not readings.adopted(run) or len(seen) < LIVE_VERSIONS:
        told = f"{len(seen)} versions were seen in the answers, {LIVE_VERSIONS} at least are right"
        return Finding(False, 1, "baked_in", f"{told}; and the last file must be in force a second after it.")
    if not readings.last(run)["same_process"]:
        return Finding(False, 1, "restarted", "Another process answers at the end: nothing here needs a restart.")
    return Finding(True, 0, "steady", f"{LIVE_RELOADS} files, {len(seen)} versions in the answers, and no order failed.")


@check(
    "Normal load is unharmed",
    needs="incident", at_least=CALM_GOAL, unit="share of orders confirmed within 1 s before anything happens", keeps=0.0,
    hint="Is the file read before the first order? And does an order wait for others, or for the file?",
)  # fmt: skip
def calm(run: Run) -> Finding:
    """Before the bank allows fewer calls, all orders are confirmed."""
    orders = stats.user_requests(run, 0.0, CUT_AT_S - 0.6)
    share = sum(r.ok and (r.latency or 0.0) <= PROMPT_S for r in orders) / len(orders)
    told = f"Before anything happens, {share:.1%} of the orders are confirmed within {PROMPT_S:g} s."
    return Finding(share >= CALM_GOAL, share, "unharmed" if share >= CALM_GOAL else "normal_load_harmed", told)


@check(
    "No customer pays twice",
    needs=("incident", "reloads"), at_most=0, unit="orders charged twice", keeps=0.0,
    hint="An order whose call was cut off may have been charged: the bank does not know that a second call means the same.",
)  # fmt: skip
def once(runs: Mapping[str, Run]) -> Finding:
    """No order is charged twice."""
    twice = [order for run in runs.values() for order, times in readings.debits(run).items() if times > 1]
    if not twice:
        return Finding(True, 0, "once", "No order was charged twice.")
    return Finding(False, len(twice), "twice", f"{len(twice)} orders were charged more than once, first {twice[0]}.")


CHECKS = (
    limit, timeout, one_version, none_lost, gone, logs, last_good, told, restart, buckets, kill_switch, live, calm, once,
)  # fmt: skip

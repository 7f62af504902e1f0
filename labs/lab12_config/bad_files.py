"""The checks of bad files: what is in force after one, what the shop says of it, and what a restart finds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from labs.kit import Finding, Run, check, stats
from labs.lab12_config import readings
from labs.lab12_config.offered import AGAIN, BAD, CHANGED, KINDS
from labs.lab12_config.scenarios import FIRST, KILLED_IN, PLAN, SETTLED_LIMIT, SOON

HELD_OFF_S = 0.5
"""Before and after a kill an order is given up after 0.3 s by the file, after 1 s by the image."""
TURNS = "a bad file, another bad one, the first again"
EMPTY = {bad.kind for bad in BAD if bad.slug in ("accepts_empty", "accepts_missing_key")}


def _good(seen: readings.Fields) -> bool:
    """Is it a good file that the operator wrote before this look?"""
    return seen["kind"] in ("good", AGAIN, CHANGED)


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
        return readings.baked_in(run)
    wrong, restarted = [], False
    for seen in looks:
        # What went wrong in a restart, until the next good file, another check says.
        restarted = not _good(seen) and (restarted or (seen["killed"] and not _right(seen)))
        wrong += [seen] * (not _right(seen) and (not restarted or _taken(seen)))
    half = [] if wrong else _half_new(run)
    if half:
        told = f"A file changed the {half[0]} and left the version, and the old {half[0]} is still in use"
        return Finding(False, len(half), "same_version", f"{told}: is a file known by its version alone?")
    if not wrong:
        goods = sum(map(_good, looks))
        told = (
            f"After {len(looks) - goods} looks at bad files the last good one was in force, after {goods} good ones those."
        )
        return Finding(True, 0, "kept", told)
    slug, why = _why(looks, wrong)
    return Finding(False, len(wrong), slug, f"After {len(wrong)} of {len(looks)} files another was in force: {why}")


def _half_new(run: Run) -> list[str]:
    """The settings that come into force with a new version and not with a file that leaves the version as it was."""
    before = _settled(run, after=False)
    # What the second of two kills finds, the first has left: `restart` judges that.
    kills = [slot for slot, step in enumerate(PLAN) if step == "kill" and PLAN[slot - 1] != "missing"]
    if any(slot not in before for slot in kills):
        return []
    known, *changed = (_calls_and_wait(run, before[slot]) for slot in kills)
    return [
        name for name, new, then, most in (
            ("limit", known[0], max(calls for calls, _ in changed), SETTLED_LIMIT),
            ("timeout_s", known[1], max(wait for _, wait in changed), HELD_OFF_S),
        ) if new <= most < then
    ]  # fmt: skip


def _settled(run: Run, after: bool) -> dict[int, readings.Fields]:
    """What was in force before the kill in each slot, or after it."""
    return {seen["slot"]: seen for seen in readings.told(run, "settled") if seen["after"] == after}


def _calls_and_wait(run: Run, seen: readings.Fields) -> tuple[int, float]:
    """The most calls at once of a crowd before or after a kill, and how long an order waited for a bank that is silent."""
    return stats.most_in_flight(run, readings.BANK, seen["began"], seen["ended"]), seen["held_s"]


def _right(seen: readings.Fields) -> bool:
    """Was the last good version in force, and the answer made of it?"""
    return bool(seen["status"] == 200 and seen["version"] == seen["last_good"] and not seen["wrong"])


def _taken(seen: readings.Fields) -> bool:
    """Did a bad file come into force?"""
    return bool(not _good(seen) and seen["version"] == seen["offered"])


def _why(looks: Sequence[readings.Fields], wrong: Sequence[readings.Fields]) -> tuple[str, str]:
    """The reason of the finding that names its cause best, and the end of a sentence."""
    pairs = [(before["version"], seen) for before, seen in pairwise(looks) if not seen["killed"]]
    changed = [(before, seen) for before, seen in pairs
               if not _good(seen) and seen["status"] == 200 and seen["version"] != before]  # fmt: skip
    fell = {seen["kind"] for before, seen in changed if seen["version"] == FIRST}
    known = {seen["offered"] for seen in looks} | {FIRST}
    dead = [kind for kind, seen in zip(_silent(looks), looks, strict=True) if seen == wrong[0]]
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
    since = f" since this bad one, which was not counted: {dead[0]}" if dead and dead[0] else ""
    return "stuck", f"a good file did not come into force{since}. What no longer looks?"


def _silent(looks: Sequence[readings.Fields]) -> list[str]:
    """For each look: the first bad file since the last good one that was in force, of which the shop did not say that it
    was refused."""
    found, silent = [], ""
    for seen in looks:
        found.append(silent)
        if _good(seen) and _right(seen):
            silent = ""
        elif not _good(seen) and not silent and not seen["killed"] and seen["said"]["refused"] <= seen["refused_before"]:
            silent = str(seen["kind"])
    return found


@check(
    "The shop says what it refused, and why",
    needs="bad", at_most=0, unit="files of which it does not", points=2,
    hint="status(): version in force, `refused` one higher, and a reason that names the field, until a good file is there.",
)  # fmt: skip
def told(run: Run) -> Finding:
    """Of each refused file the shop says that and why it was refused, and which version it runs on."""
    if _never(run):
        return readings.baked_in(run)
    silent, uncounted, nameless, other = [], [], [], []
    uncleared: list[str] = []
    again: list[str] = []
    never_counted = all(seen["said"]["refused"] <= 0 for seen in readings.told(run, "looked"))
    known: set[str] = set()
    since_good: set[str] = set()
    for seen in readings.told(run, "looked"):
        came_again, known = seen["kind"] in known, known | {seen["kind"]}
        between_bad, since_good = seen["kind"] in since_good, set() if _good(seen) else since_good | {seen["kind"]}
        said = seen["said"]
        if seen["version"] != seen["last_good"]:
            continue  # it was taken, or nothing works: the other check says so
        if said["version"] != seen["version"]:
            other.append(seen["kind"])
        if _good(seen):
            (again if seen["kind"] == AGAIN else uncleared).extend([seen["kind"]] * bool(said["reason"]))
            continue
        expected = KINDS[seen["kind"]].names
        counted = said["refused"] > (0 if seen["killed"] else seen["refused_before"])
        if not said["reason"].strip() and (counted or never_counted):
            silent.append(seen["kind"])
        elif not counted:
            again_after = TURNS if between_bad else "the same bad file again"
            uncounted.append(again_after if came_again and not seen["killed"] else seen["kind"])
        elif expected and not any(name in said["reason"] for name in expected):
            nameless.append(seen["kind"])
    slug = "same_not_counted" if set(uncounted) <= {TURNS, "the same bad file again"} else "not_counted"
    slug = "turns_not_counted" if set(uncounted) == {TURNS} else slug
    for found, reason, why in (
        (silent, "no_reason", "no reason is given"), (uncounted, slug, "`refused` did not rise"),
        (other, "other_version", "status() names another version than answers do"),
        (nameless, "no_field", "the reason does not name the field"),
        (uncleared, "never_cleared", "a good file is in force, and a reason still stands there"),
        (again, "same_not_cleared", "the file in force is back on the disk, and a reason still stands there"),
    ):  # fmt: skip
        if found:
            return Finding(False, len(found), reason, f"After {len(found)} files {why}, first: {found[0]}.")
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
        return readings.baked_in(run)
    if not any(_right(seen) for seen in readings.told(run, "looked") if not _good(seen)):
        return Finding(False, len(KILLED_IN), "never_kept", "After no bad file the last good version was in force.")
    pairs = [(slot, _settled(run, after=False).get(slot), _settled(run, after=True).get(slot)) for slot in KILLED_IN]
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
    if PLAN[slot] == "tear":
        if after["status"] != 200 or after["version"] not in readings.offered(run):
            now = f"ran on {after['version']}" if after["status"] == 200 else "then took no orders"
            return "torn_copy", f"killed while it wrote the file with its copy, and {now}"
        return None
    if PLAN[slot] == "down" and after["status"] == 200:
        if after["version"] == after["last_good"]:
            return None
        return "missed_while_down", f"a good file came while it was down, and it ran on {after['version']}"
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
    if PLAN[slot] in SOON:
        return None
    flags = readings.offered(run).get(before["version"], {}).get("flags", {})
    if before["has"][:1] == f"{flags.get('gift', {}).get('on', False):d}" and _flags_seen(after) != _flags_seen(before):
        return "forgets_flags", "and its flags were not those of before"
    (was, waited_s), (calls, waits_s) = (_calls_and_wait(run, seen) for seen in (before, after))
    if waited_s <= HELD_OFF_S < waits_s:
        return "forgets_timeout", f"and gives up after {waits_s:.2f} s, before after {waited_s:.2f} s"
    if was <= SETTLED_LIMIT < calls:
        return "forgets_limit", f"and makes {calls} calls at once, where its limit was {SETTLED_LIMIT}"
    return None


def _flags_seen(seen: readings.Fields) -> tuple[bool, bool]:
    """Has one user the flag `gift`, and any of some users the flag `express`? Which users, `buckets` asks."""
    return "1" in seen["has"][:1], "1" in seen["has"][1:]

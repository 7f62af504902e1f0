"""What is graded: one function a point. Each reads runs and nothing else.

All is told by services without the repair: the versions, which users they saw; the monitor, what it was answered; the fleet,
how its releases ended. And by the load.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab11_canary import readings, releases

FALSE_GOAL = 0.02
CAUGHT_GOAL = 0.98
HARMED_GOAL = 40.0
BAD_LAST_S, SILENT_LAST_S = 8.0, 6.0
"""A bad release is to be gone so many seconds before the end of the load."""
LEFT_GOAL = 0.0
LATE_GOAL = 0.02
STICKY_GOAL = 0.03
SPLIT_GOAL = 5.0
FINISH_GOAL = 0.95
SERVED_GOAL = 0.9
FEW = 0.1
EVERY_ONE, OFTEN = 0.9, 0.15
"""Shares of the good releases without noise, to tell apart why they were stopped."""

KIND_SLUGS = {
    releases.GOOD: "good", releases.NOISY: "noisy", releases.BOTH: "both", releases.AT_ONCE: "at_once",
    releases.BURN: "burn", releases.REGION: "region", releases.LOAD: "load", releases.SLOW: "slow",
    releases.BETTER: "better", releases.BAD_DAY: "bad_day",
}  # fmt: skip
WHY_HALTED = {
    "noisy": "the old version had as many errors in the same seconds.",
    "both": "the old version beside it failed as often. Whose fault was it?",
    "better": "the new version fails less than the old one. Is what differs worse?",
}
WHY_MISSED = {
    "at_once": "four requests in a hundred more fail in the new version.",
    "burn": "it gets worse from second to second. What does an average since the start show of that?",
    "region": "it fails in one region, and the smallest has 5% of the requests.",
    "load": f"it fails from a share of {releases.UNDER_LOAD:.0%} on. Was it watched there, before it had everybody?",
    "slow": "it answers late, and nothing fails. In some of them all that is late takes more than a second, in others less.",
    "bad_day": "a fifth fails in the old version all day long, and three times as much in the new one.",
}
NO_FLEET = Finding(False, math.inf, "no_fleet", "The fleet of releases did not get to its end: no answers came.")


@check(
    "Good releases are let through",
    needs="fleet", at_most=FALSE_GOAL, unit="share of good releases stopped, upper bound", points=3,
    hint="Compare the new version with the old one in the same second. How often would chance make such a difference?",
)  # fmt: skip
def lets_through(run: Run) -> Finding:
    """Good releases are not halted or rolled back, with confidence."""
    ended = readings.good(run)
    if ended is None:
        return NO_FLEET
    bound = readings.at_most(ended.stopped, ended.releases)
    told = f"{ended.stopped} of {ended.releases} good releases were stopped, so at most {bound:.1%} (95% confidence)"
    if bound <= FALSE_GOAL:
        return Finding(True, bound, "let_through", f"{told}.")
    slug, why = _who_was_stopped(readings.fleet(run))
    return Finding(False, bound, slug, f"{told}; {why}")


def _who_was_stopped(each: Mapping[str, readings.Ended]) -> tuple[str, str]:
    """Which good releases were stopped, and how: a slug and the end of a sentence."""
    kind = max(releases.GOOD_KINDS, key=lambda k: each[k].stopped)
    if 2 * each[releases.GOOD].stopped > each[kind].stopped:
        kind = releases.GOOD
    some = each[kind]
    if 2 * some.stopped > some.releases and some.spread_s <= 1:
        why = f"nearly all at second {some.stopped_s:.0f}, whatever each of them showed. What do they share in memory?"
        return "all_at_one_second", why
    told = f"{some.stopped} of {some.releases} were of the kind {kind!r}"
    if kind != releases.GOOD:
        slug = KIND_SLUGS[kind]
        return f"halts_{slug}", f"{told}: {WHY_HALTED[slug]}"
    if some.stopped > EVERY_ONE * some.releases:
        return "halts_every_one", f"{told}: a few errors are no evidence. A good version has one in a hundred requests."
    if some.stopped > OFTEN * some.releases:
        return "halts_often", f"{told}: who looks every second has a chance to be wrong in every second."
    return "halts_by_chance", f"{told}: the bound that was asked for evidence is crossed by chance too often."


@check(
    "Bad releases are caught, whatever is bad about them",
    needs="fleet", at_least=CAUGHT_GOAL, unit="share of bad releases stopped, lower bound", points=4,
    hint="lab.fleet() shows what became of each kind. What would you have to look at to see the kind that gets through?",
)  # fmt: skip
def caught(run: Run) -> Finding:
    """Bad releases are halted or rolled back, with confidence."""
    ended = readings.bad(run)
    if ended is None:
        return NO_FLEET
    bound = readings.at_least(ended.stopped, ended.releases)
    told = f"{ended.stopped} of {ended.releases} bad releases were stopped, so at least {bound:.1%} (95% confidence)"
    if bound >= CAUGHT_GOAL:
        return Finding(True, bound, "caught", f"{told}.")
    if ended.undecided > ended.promoted:
        why = f"{ended.undecided} were neither stopped nor let out in {releases.DEADLINE_S} s: they were hardly watched."
        return Finding(False, bound, "undecided", f"{told}; {why}")
    each = readings.fleet(run)
    missed = {kind: each[kind].releases - each[kind].stopped for kind in releases.BAD_KINDS}
    if all(2 * missed[kind] > each[kind].releases for kind in releases.BAD_KINDS):
        return Finding(False, bound, "let_out", f"{told}: most of each kind went out to everybody.")
    kind = max(releases.BAD_KINDS, key=lambda k: missed[k])
    slug = KIND_SLUGS[kind]
    return Finding(False, bound, f"missed_{slug}", f"{told}; {missed[kind]} missed ones were {kind!r}: {WHY_MISSED[slug]}")


@check(
    "Few users are harmed before a bad release is stopped",
    needs="fleet", at_most=HARMED_GOAL, unit="users harmed by a bad release, mean", points=3,
    hint="Users on the new version x extra failures x seconds until it has none. Which of the three is large?",
)  # fmt: skip
def harmed(run: Run) -> Finding:
    """Few users are harmed by a bad release, until nobody has it any more or people notice."""
    ended = readings.bad(run)
    if ended is None:
        return NO_FLEET
    mean = ended.harmed / ended.releases
    told = f"A bad release harmed {mean:.0f} users on average"
    if mean <= HARMED_GOAL:
        return Finding(True, mean, "few", f"{told}.")
    if ended.promoted > 0.05 * ended.releases:
        why = f"{ended.promoted} of {ended.releases} went out to everybody."
        return Finding(False, mean, "let_out", f"{told}: {why}")
    if ended.halted > ended.rolled_back:
        why = f"{ended.halted} were halted and kept their share: who had the bad version kept it until people noticed."
        return Finding(False, mean, "halted_not_rolled_back", f"{told}: {why}")
    each = readings.fleet(run)
    kind = max(releases.BAD_KINDS, key=lambda k: each[k].harmed)
    why = f"most of them by {kind!r}, half of which were stopped only after second {each[kind].stopped_s:.0f}."
    return Finding(False, mean, "too_late", f"{told}, {why}")


@check(
    "A bad release is rolled back: nobody has it any more",
    needs="bad", at_most=LEFT_GOAL, unit="share of the last requests that the bad version got", points=3,
    hint="A halt keeps the share, and with it the users who have the bad version.",
)  # fmt: skip
def rolled_back(run: Run) -> Finding:
    """With real services: the bad version gets no more requests."""
    share = readings.on_canary(run, BAD_LAST_S)
    told = f"In the last {BAD_LAST_S:g} s the bad version got {share:.1%} of the requests"
    if stats.success_rate(run, run.info.load_s - BAD_LAST_S) < SERVED_GOAL / 2:
        return Finding(False, 1.0, "not_served", f"In the last {BAD_LAST_S:g} s, most users got no page at all.")
    if share <= LEFT_GOAL:
        return Finding(True, share, "rolled_back", f"{told}.")
    return Finding(False, share, *_still_there(run, told))


def _still_there(run: Run, told: str) -> tuple[str, str]:
    """Why the new version still has users: a slug and a message."""
    at, how = readings.end(run) or (run.info.load_s, "")
    if how == "halt":
        return "halted", f"{told}: the release was halted at second {at:.0f}, and a halt keeps the share."
    if how == "out":
        return "let_out", f"{told}: it was let out to everybody at second {at:.0f}."
    if how == "rollback":
        return "late", f"{told}: it was rolled back at second {at:.0f} only."
    if run.events("malformed"):
        return "no_decision", f"{told}: the controller's answers were no decisions."
    return "undecided", f"{told}: it was neither stopped nor let out."


@check(
    "Silence is not health: a version that counts nothing is rolled back",
    needs=("silent", "fleet"), at_most=LATE_GOAL, unit="share of silent releases not rolled back in time", points=2,
    hint="now.share says how many users were sent there. How many requests should the new version have counted?",
)  # fmt: skip
def silence(runs: Mapping[str, Run]) -> Finding:
    """A new version whose host is cut off, or never came up, has no users left soon after: real services, and the fleet."""
    run, ended = runs["silent"], readings.silent(runs["fleet"])
    if ended is None:
        return NO_FLEET
    share = readings.cut_off(run, SILENT_LAST_S)
    told = f"In the last {SILENT_LAST_S:g} s, {share:.1%} of the requests went to a version that does not answer"
    if share > LEFT_GOAL:
        return Finding(False, 1.0, *_still_there(run, told))
    late = ended.late / ended.releases
    told = f"Of {ended.releases} releases that fell silent, {ended.late} were not rolled back within {releases.SILENT_S} s"
    if late <= LATE_GOAL:
        return Finding(True, late, "rolled_back", f"{told}.")
    why = "Some count nothing from their first request on, others only from a share of 15% or 40% on."
    return Finding(False, late, "silent_later", f"{told}. {why}")


@check(
    "Who has the new version keeps it",
    needs="good", at_most=STICKY_GOAL, unit="share of its users who were sent back", points=2,
    hint="The same answer for the same user: in each request, at each larger share, and in a router that has just started.",
)  # fmt: skip
def sticky(run: Run) -> Finding:
    """While a release goes on, no user of the new version is sent back to the old one."""
    back, again = readings.sent_back(run)
    if not again:
        return Finding(False, 1.0, "nobody", "Nobody was seen twice while the new version had a share.")
    share = len(back) / again
    told = f"{len(back)} of {again} users who had the new version, and came again, were sent back to the old one"
    if share <= STICKY_GOAL:
        return Finding(True, share, "sticky", f"{told}.")
    killed = readings.killed_s(run)
    grown = sum(sent.share_left < sent.share_back for sent in back)
    if 2 * grown > len(back):
        why = f"{grown} of them when the share grew: another share drew other users."
        return Finding(False, share, "drawn_anew", f"{told}, {why}")
    over = sum(sent.left <= killed < sent.back for sent in back)
    if over and sum(sent.back <= killed for sent in back) < FEW * len(back):
        return Finding(False, share, "forgot_at_restart", f"{told}, hardly any before the router was started again.")
    return Finding(False, share, "drawn_each_time", f"{told}, with the same share in force: each request was drawn anew.")


@check(
    "A good release gets out",
    needs="fleet", at_least=FINISH_GOAL, unit="share of the good releases that were not stopped", keeps=0.0,
    hint=f"A release that is still waiting after {releases.DEADLINE_S} s is no release. What does the controller wait for?",
)  # fmt: skip
def gets_out(run: Run) -> Finding:
    """A good release that is not stopped is let out to everybody in time."""
    ended = readings.good(run)
    if ended is None:
        return NO_FLEET
    going = ended.promoted + ended.undecided
    if not going:
        return Finding(True, 1.0, "out", "All good releases were stopped: none was left to be let out.")
    share = ended.promoted / going
    told = f"Of {going} good releases that were not stopped, {ended.promoted} were out after {releases.DEADLINE_S} s"
    return Finding(share >= FINISH_GOAL, share, "out" if share >= FINISH_GOAL else "never_out", f"{told}.")


@check(
    "The new version gets the share that was decided",
    needs="good", at_most=SPLIT_GOAL, unit="standard deviations from the share", keeps=0.5,
    hint="Spread the users evenly over 0 to 1, for example by crc32(user) / 2**32, and compare with the share.",
)  # fmt: skip
def split(run: Run) -> Finding:
    """The users are split by the share that the controller answered."""
    got, due, spread = readings.split(run)
    if not spread:
        return Finding(True, 0.0, "no_share", "The new version never had a share between 0 and 1.")
    off = abs(got - due) / spread
    told = f"The new version got {got:.0f} users where its share is {due:.0f}, give or take {spread:.0f} by chance"
    return Finding(off <= SPLIT_GOAL, off, "even" if off <= SPLIT_GOAL else "uneven", f"{told}.")


@check(
    "Each answer is a decision",
    needs="fleet", at_most=0, unit="answers that were no decision", keeps=0.0,
    hint='A share from 0 to 1, "halt" or "rollback"; lab.run(scenario="fleet") names the line that raised.',
)  # fmt: skip
def decides(run: Run) -> Finding:
    """The controller answers with a share, a halt or a rollback, each time and in time."""
    count = readings.malformed(run)
    if count is None:
        return NO_FLEET
    return Finding(not count, count, "malformed" if count else "decides", f"{count} answers to the fleet were no decision.")


@check(
    "Users get their pages",
    needs=("good", "bad"), at_least=SERVED_GOAL, unit="share of the requests of a good release", keeps=0.0,
    hint="in_canary() must answer True or False for every user.",
)  # fmt: skip
def served(runs: Mapping[str, Run]) -> Finding:
    """The router serves; and each page is that of the user who asked."""
    true = answered_truly(runs)
    if not true.passed:
        return true
    share = stats.success_rate(runs["good"])
    told = f"{share:.1%} of the requests of the good release were answered 200"
    return Finding(share >= SERVED_GOAL, share, "served" if share >= SERVED_GOAL else "not_served", f"{told}.")


CHECKS = (lets_through, caught, harmed, rolled_back, silence, sticky, gets_out, split, decides, served)

"""The graded checks of lab12. All but one judge what bank, operator and load saw; `logs` judges what the shop logs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labs.kit import Finding, Run, check, stats
from labs.lab12_config import readings
from labs.lab12_config.bad_files import last_good, restart, told
from labs.lab12_config.scenarios import (
    CUT_AT_S,
    CUT_TO,
    HELD_ORDERS,
    LIVE_LATE_S,
    LIVE_RELOADS,
    MENDED_AT_S,
    NEW_TIMEOUT_S,
    QUIET_FILES,
    REFUSED_AT_S,
    REFUSED_FILES,
    SOON_S,
    WRITTEN_AT_S,
)
from labs.lab12_config.staged import buckets, kill_switch

MENDED_GOAL, CALM_GOAL, PROMPT_S = 0.98, 0.995, 1.0
WAITED_S = 0.75
"""How long an order may wait for a bank that answers nobody: the file says 0.5 s, the image 1 s."""
MOST_OPEN = 8
"""Repairs that close what they should have 4 at most: the last orders are so many at once."""
LIVE_VERSIONS = 8
"""So many versions at least must be seen in the answers of a live run."""


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
        return readings.baked_in(run)
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
    back = [fields for _, fields in readings.ordered(run, "back") if fields["status"] != 200]
    if back and readings.adopted(run):
        told = f"A file was put back while orders of it were under way; {len(back)} of 3 orders made after these failed"
        return Finding(False, len(back), "put_back", f"{told}. Was the old session used again, and closed with them?")
    return Finding(True, 0, "none", "No order failed in 40 reloads.") if readings.adopted(run) else readings.baked_in(run)


@check(
    "Nothing of an old version stays open",
    needs="reloads", at_most=MOST_OPEN, unit="connections open at the bank in the end", points=1,
    hint="Each new pool of connections has an old one, which somebody must close: after its last call.",
)  # fmt: skip
def gone(run: Run) -> Finding:
    """After all reloads, of which the last came while no order was under way, few connections are open at the bank."""
    if not readings.adopted(run):
        return readings.baked_in(run)
    count = readings.still_open(run)
    told = f"After {len(readings.offered(run))} reloads {count:.0f} connections are open at the bank"
    if count <= MOST_OPEN:
        return Finding(True, count, "gone", f"{told}.")
    if readings.still_open(run, REFUSED_AT_S) <= MOST_OPEN:
        told += f"; the bank refused one order of each of the last {REFUSED_FILES} versions"
        return Finding(False, count, "refused_left", f"{told}. Is an order that fails also over?")
    told += f"; {QUIET_FILES} files came while no order was under way"
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
        return readings.baked_in(run)
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
    if len(seen) < LIVE_VERSIONS:
        told = f"Only {len(seen)} versions were seen in the answers; {LIVE_VERSIONS} at least are right"
        return Finding(False, 1, "baked_in", f"{told}. What reads shop.json while the shop runs?")
    if not readings.told(run, "last"):
        return Finding(False, 1, "not_over", "This machine was too slow: the run ended before the last file. Run it again.")
    if not readings.adopted(run):
        told = f"{len(seen)} versions were seen, but the last file was not in force {SOON_S + LIVE_LATE_S:g} s after it"
        return Finding(False, 1, "baked_in", f"{told}: the shop ran on {readings.last(run)['version'] or 'none'}.")
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
    dropped = {log.request_id for log, _ in readings.ordered(runs["reloads"], "dropped")}
    if set(twice) <= dropped:
        told = f"{len(twice)} orders were charged twice: the bank had charged them when it dropped the connection"
        return Finding(False, len(twice), "sent_again", f"{told}, and the shop sent them again.")
    return Finding(False, len(twice), "twice", f"{len(twice)} orders were charged more than once, first {twice[0]}.")


CHECKS = (
    limit, timeout, one_version, none_lost, gone, logs, last_good, told, restart, buckets, kill_switch, live, calm, once,
)  # fmt: skip

"""What a run of this lab says. All of it was seen on the wire, or by the bank and the operator, who run no repair.

Times are seconds of the run; windows are half open, [start, end).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labs.kit import Finding, Run, record, stats
from labs.lab12_config.offered import fee_of
from labs.lab12_config.scenarios import CUT_TO, FIRST, IMAGE_CURRENCY, INCIDENT_S, MENDED_AT_S, WRITTEN_AT_S, cents_of
from labs.lab12_config.service import BEHIND, FAILED, OPEN

BANK = "shop->bank"
SIGNALS = {
    "age": "the age of a file that is not in force, in seconds",
    "failed": "the orders that fail, in % of the second's",
}
"""What an alert rule can watch."""
Fields = Mapping[str, Any]


def told(run: Run, event: str) -> list[Fields]:
    """The operator's lines under one event, in their order."""
    return [fields for _, fields in stats.logged(run, "operator", event)]


def offered(run: Run) -> dict[str, Fields]:
    """The good files of a run by their version, each with the values in it; without the first."""
    return {fields["version"]: fields["content"] for fields in told(run, "offered")}


def failed(run: Run, start: float, end: float | None = None) -> float:
    """Share of the orders of the window that were not confirmed."""
    return 1 - stats.success_rate(run, start, end)


def failed_after(run: Run) -> float:
    """Of the orders from MENDED_AT_S on, how many failed, in %."""
    return 100 * failed(run, MENDED_AT_S)


def calls_after(run: Run) -> float:
    """The most calls that were under way to the bank at once, from a second after the file was written."""
    return float(stats.most_in_flight(run, BANK, WRITTEN_AT_S + 1, INCIDENT_S))


def last(run: Run) -> Fields:
    """What the operator saw of the last file of `reloads`; nothing if the run did not come so far."""
    found = told(run, "last")
    return found[-1] if found else {"written": "", "version": "-", "status": 0, "same_process": False, "wrong": ""}


def behind(run: Run, at: float) -> bool:
    """Does the shop name another version than that of the file at this second? For messages only."""
    found = [s.value for s in run.samples(BEHIND, "operator") if s.time < at]
    return not found or found[-1] > 0


def adopted(run: Run) -> bool:
    """Is the last file in force a second after it was written?"""
    seen = last(run)
    return bool(seen["version"] == seen["written"])


def versions_seen(run: Run) -> set[str]:
    """The versions in the answers to the operator's orders."""
    return {fields["version"] for fields in told(run, "order") if fields["version"]}


@dataclass(frozen=True)
class Mixed:
    """An order whose parts belong to no one version: its name, and what is wrong, in a few words."""

    order: str
    why: str


def mixed(run: Run) -> list[Mixed]:
    """The orders that were made of more than one version, by their answers and by what the bank was asked for."""
    found = [Mixed(r.request_id, r.wrong) for r in run.requests() if r.wrong]
    found += [Mixed(log.request_id, fields["wrong"]) for log, fields in ordered(run) if fields["wrong"]]
    pairs = {(content["fee_cents"], content["currency"]) for content in offered(run).values()}
    pairs.add((fee_of(FIRST), IMAGE_CURRENCY))
    for log, fields in stats.logged(run, "bank", "debit"):
        fee = fields["cents"] - cents_of(log.request_id)
        if (fee, fields["currency"]) not in pairs:
            found.append(Mixed(log.request_id, f"a debit with the fee {fee} in {fields['currency']}, which no version has"))
    return found


def debits(run: Run) -> Counter[str]:
    """How often the bank moved the money of each order."""
    return Counter(log.request_id for log, _ in stats.logged(run, "bank", "debit"))


def ordered(run: Run, *events: str) -> list[tuple[record.Log, Fields]]:
    """The operator's orders in `reloads`, or those under some events alone, each with its answer."""
    return [one for event in events or ("order", "cut", "back", "quiet") for one in stats.logged(run, "operator", event)]


def lost(run: Run) -> list[str]:
    """The orders that were not answered 200, of the load and of the operator during it, by name."""
    names = [r.request_id for r in run.requests() if not r.ok]
    return names + [log.request_id for log, fields in ordered(run, "order") if fields["status"] != 200]


def still_open(run: Run, until_s: float = math.inf) -> float:
    """Connections that are open at the bank in the last second of the run, or before `until_s`, on average."""
    end = min(until_s, run.info.seconds)
    found = [s.value for s in run.samples(OPEN, "bank") if end - 1 <= s.time < until_s]
    return sum(found) / len(found) if found else math.nan


def lines(run: Run) -> dict[str, list[record.Log]]:
    """What the repair logged for each order, by the order's name."""
    found: dict[str, list[record.Log]] = defaultdict(list)
    for log in run.logs("shop"):
        if log.request_id and log.event != FAILED:
            found[log.request_id].append(log)
    return found


def answered(run: Run) -> dict[str, str]:
    """The version in the answer to each of the operator's orders that was answered 200, by the order's name."""
    return {log.request_id: fields["version"] for log, fields in ordered(run) if fields["status"] == 200}


def expired(run: Run) -> dict[str, str]:
    """The version of each order that was given up, by the order's name: what the bank was asked for is made of it."""
    gone = {log.request_id for log, fields in ordered(run, "expired") if fields["status"] != 200}
    of_fee = {content["fee_cents"]: version for version, content in offered(run).items()}
    found = {log.request_id: of_fee.get(fields["cents"] - cents_of(log.request_id), "")
             for log, fields in stats.logged(run, "bank", "debit") if log.request_id in gone}  # fmt: skip
    return {order: version for order, version in found.items() if version}


def stages(run: Run, flag: str) -> dict[int, list[frozenset[int]]]:
    """In `flags`: the numbers of the users who have the feature, for each time that the operator asked in a stage."""
    found: dict[int, list[frozenset[int]]] = defaultdict(list)
    for fields in told(run, "flags"):
        if fields["flag"] == flag:
            found[fields["stage"]].append(frozenset(i for i, yes in enumerate(fields["yes"]) if yes == "1"))
    return found


def baked_in(run: Run) -> Finding:
    """The finding for a shop that never reads its file."""
    if run.info.scenario == "reloads" and last(run)["status"] != 200:
        return Finding(False, math.inf, "no_answer", "The last order, after all files were written, was not confirmed.")
    return Finding(False, math.inf, "baked_in", "No new file came into force: what reads shop.json while the shop runs?")


def under_way(run: Run, call: record.Request) -> list[record.Request]:
    """The calls to the bank that were under way when this one was sent, without it."""
    return [
        r for r in run.requests(BANK)
        if r.request_id != call.request_id and r.sent <= call.sent and (r.done is None or r.done > call.sent)
    ]  # fmt: skip


def one_too_many(run: Run, order: str) -> bool:
    """Did a block begin with this order's call, once the operator's file was there?"""
    for event in run.events("banned"):
        came = [r for r in run.requests(BANK) if r.status == 429 and r.sent <= event.time and (r.done or 0.0) >= event.time]
        if event.time >= WRITTEN_AT_S and came and max(came, key=lambda r: r.sent).request_id == order:
            return True
    return False


def just_allowed(run: Run, order: str) -> bool:
    """Was this order, once the operator's file was there, confirmed though its call was the last that the bank allows?"""
    return any(
        r.request_id == order and r.ok and WRITTEN_AT_S <= r.sent < INCIDENT_S and len(under_way(run, r)) == CUT_TO - 1
        for r in run.requests(BANK)
    )


def series(run: Run, signal: str) -> list[float]:
    """The signal in each second of the load."""
    seconds = range(int(run.info.load_s))
    if signal == "failed":
        some = [stats.user_requests(run, second, second + 1) for second in seconds]
        return [100 * sum(not r.ok for r in orders) / len(orders) if orders else 0.0 for orders in some]
    samples = run.samples(BEHIND, "operator")
    return [max((s.value for s in samples if second <= s.time < second + 1), default=0.0) for second in seconds]


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the signal has been above `above` for `for_s` seconds; None if it never is."""
    return stats.lasts((value > above for value in series(run, signal)), for_s)

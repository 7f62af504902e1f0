"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the tap on the wire, and in the bank's ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labs.kit import Finding, Run, check, names, stats
from labs.lab06_retries.readings import (
    LINK,
    TAIL_S,
    came_last,
    charged_uncalled,
    confirmed_unpaid,
    debits,
    depth,
    depths,
    offer_slipped,
    retries,
    stall_end,
    tail_success,
)
from labs.lab06_retries.scenarios import DROPPED

CALM_GOAL = 0.995
HICCUP_GOAL = 0.97
RECOVERY_GOAL = 0.8
AMPLIFICATION_GOAL = 1.6
GIVEN_UP = 0.5
GARBLED_BY_S = 10.0
"""By then, GARBLED answers to second attempts were no JSON: some three orders a second are tried again."""
IN_TIME = 20  # jobs that payments finishes within the timeout of 0.4 s, as broken.py has it


def _recovered(run: Run) -> Finding:
    success = tail_success(run)
    since = run.info.load_s - TAIL_S - stall_end(run)
    if success >= RECOVERY_GOAL:
        return Finding(
            True,
            success,
            "recovers",
            f"{success:.0%} of the last orders were confirmed; the bank's stall did not outlive itself.",
        )
    lost = f"{since:.0f} s after the bank came back, only {success:.0%} of orders are confirmed"
    reason, why = _cause(run, run.info.load_s - TAIL_S)
    if reason in ("still_draining", "retries_sustain_it", "turned_away"):
        why = _draining(run, run.info.load_s - TAIL_S) or why
    return Finding(False, success, reason, f"{lost}: {why}")


def _cause(run: Run, start: float) -> tuple[str, str]:
    """Why orders still fail from `start` on: a slug and the end of a sentence."""
    attempts = stats.amplification(run, LINK, start)
    ended = stats.outcomes(run, LINK, start) if attempts else Counter()
    if attempts < GIVEN_UP:
        return "gave_up", f"the shop makes {attempts:.2f} attempts an order; it hardly asks payments any more."
    if ended["500"] > ended["timeout"] + ended["200"]:
        return (
            "errors",
            f"payments answered 500 to {ended['500']:,} attempts; a run of lab.run() names the line that raised.",
        )
    if not ended["200"] + ended["timeout"]:
        slip = "; a run of lab.run() shows that WorkQueue.offer returned None" if offer_slipped(run) else ""
        return "turned_away", f"payments refused {ended['503'] + ended['504']:,} attempts and finished none{slip}."
    if ended["200"] >= ended["timeout"]:
        return "turned_away", f"payments refused {ended['503']:,} attempts, though those it took were answered in time."
    if attempts > AMPLIFICATION_GOAL:
        return "retries_sustain_it", (
            f"at {attempts:.1f} attempts an order, the retries themselves keep the queue longer than the timeout."
        )
    return "still_draining", f"at {attempts:.1f} attempts an order, payments is busy with work that nobody waits for."


def _draining(run: Run, start: float) -> str:
    """The end of a sentence about a backlog that shrinks from `start` to the end of the load; "" if it does not shrink.

    Queue depth is said by payments, which runs the repair: good enough for a message, never for points.
    """
    end = run.info.load_s
    first, last = depth(run, start, start + 1), depth(run, end - 1, end)
    rate = (first - last) / (end - 1 - start)
    # Less is chance, or no backlog at all; nan, without samples, is above nothing.
    if not (first >= IN_TIME and rate >= 1 and first - last >= first / 10):
        return ""
    required = f"it was required within {start - stall_end(run):.0f} s of the bank's return, by second {start:.0f}."
    if last < IN_TIME:
        long = [s.time for s in depths(run, start, end) if s.value >= IN_TIME]
        return f"the backlog at payments did drain, but only by second {max(long):.0f}, and {required}"
    return (
        f"the backlog at payments is draining, but too slowly. About {last:.0f} jobs are left at second {end:.0f}; at this"
        f" rate, {rate:.0f} fewer each second, that takes about {last / rate:.0f} s more, and {required}"
    )


@check(
    "A stall of the bank ends when the bank comes back",
    needs="outage", at_least=RECOVERY_GOAL, unit="share of orders confirmed in the last 8 s", points=4,
    hint="What is payments asked for while everything fails? Orders a second times attempts. Can it do as much?",
)  # fmt: skip
def recovers(run: Run) -> Finding:
    """A short stall ends, and so does the outage."""
    return _recovered(run)


@check(
    "A long stall, too",
    needs="long_outage", at_least=RECOVERY_GOAL, unit="share of orders confirmed in the last 8 s", points=3,
    hint="What has piled up at payments when a long stall ends, and who still waits for it?"
        ' lab.run(scenario="long_outage") and lab.chart() show this stall of 8 s; the autograder plays a long one, too.',
)  # fmt: skip
def recovers_long(run: Run) -> Finding:
    """A long stall ends, and so does the outage."""
    return _recovered(run)


@check(
    "On average from the stall on, the shop does not multiply the load",
    needs="outage", at_most=AMPLIFICATION_GOAL, unit="attempts an order", points=2, narrow=0.1,
    hint="A limit for each order is not a limit for the shop. Let successes pay for retries.",
)  # fmt: skip
def amplification(run: Run) -> Finding:
    """Few attempts an order, on average from the trigger to the end."""
    begun = run.events(names.FAULT_ON)[0].time
    ratio = stats.amplification(run, LINK, begun)
    stalled = stats.amplification(run, LINK, begun, stall_end(run))
    cost = (
        f"On average from the stall on, an order cost {ratio:.2f} attempts; while the bank stood still it was"
        f" {stalled:.2f} attempts an order."
    )
    if ratio <= AMPLIFICATION_GOAL:
        borne = " Graded is the average, but payments had to bear the peak." if stalled > AMPLIFICATION_GOAL else ""
        return Finding(True, ratio, "contained", cost + borne)
    return Finding(
            False, ratio, "amplifies",
        f"{cost} A delay between attempts moves retries and removes none. What limits how many retries the whole shop may"
        " send?",
    )  # fmt: skip


@check(
    "No customer pays twice",
    needs=("outage", "late", "twice"), at_most=0, unit="orders charged twice", points=2,
    hint="Send the same Idempotency-Key header with each attempt for one order: the bank then moves the money once. What is"
    " the same each time that an order comes?",
)  # fmt: skip
def charged_once(runs: Mapping[str, Run]) -> Finding:
    """No customer pays twice: not after a stall, not where an answer comes just after the timeout, nor who orders twice."""
    twice = [order for run in runs.values() for order, times in debits(run).items() if times > 1]
    if not twice:
        return Finding(True, 0, "charged_once", "No order was charged twice.")
    if all(times < 2 for name in ("outage", "late") for times in debits(runs[name]).values()):
        why = "they came twice, 3 ms apart. How would the bank know that two calls of charge() mean the same order?"
        told = f"{len(twice)} orders were charged twice, the first of them {twice[0]}: {why}"
        return Finding(False, len(twice), "ordered_twice", told)
    return Finding(
        False,
        len(twice),
        "double_charge",
        f"{len(twice)} orders were charged more than once, the first of them {twice[0]}: an attempt that timed out may still"
        " have moved the money. How would the bank know that two attempts mean the same charge?",
    )


@check(
    "Normal load is unharmed",
    needs="calm", at_least=CALM_GOAL, unit="share of orders confirmed", keeps=0.0,
    hint="Run the scenario 'calm' with your repair: which orders fail although nothing is wrong?",
)  # fmt: skip
def calm(run: Run) -> Finding:
    """Normal load is unharmed."""
    success = stats.success_rate(run)
    passed = success >= CALM_GOAL
    message = f"With nothing wrong, {success:.1%} of orders are confirmed."
    return Finding(passed, success, "unharmed" if passed else "normal_load_harmed", message)


@check(
    "Single errors stay hidden from customers",
    needs=("hiccups", "breaks", "lull"), at_least=HICCUP_GOAL, unit="share of orders confirmed", keeps=0.5,
    hint="Retries exist for this case: one failed answer, or a connection that breaks off, and an idle queue. Keep some.",
)  # fmt: skip
def hiccups(runs: Mapping[str, Run]) -> Finding:
    """Retries still do what they are for: an answer fails, a connection breaks off, the bank stalls for a moment."""
    success, broken, quiet = stats.success_rate(runs["hiccups"]), stats.success_rate(runs["breaks"]), came_last(runs["lull"])
    if success >= HICCUP_GOAL and broken < HICCUP_GOAL:
        told = f"Where connections to payments break off now and then, only {broken:.1%} of orders got through"
        return Finding(False, broken, "breaks_shown", f"{told}: which exceptions does an attempt end with?")
    if success >= HICCUP_GOAL and quiet < HICCUP_GOAL:
        told = f"After short stalls in a quiet hour, only {quiet:.0%} of the orders got through that came at their ends"
        return Finding(False, quiet, "asleep", f"{told}: did take() return None while jobs were waiting behind late ones?")
    if success >= HICCUP_GOAL:
        return Finding(
            True,
            success,
            "hiccups_hidden",
            f"One answer in ten failed at the bank, and {success:.1%} of orders got through.",
        )
    if retries(runs["hiccups"], 0, GARBLED_BY_S) and not retries(runs["hiccups"], GARBLED_BY_S):
        told = f"Only {success:.1%} of orders got through where answers fail: after an answer 200 that was no JSON"
        return Finding(False, success, "retries_ended", f"{told}, nothing was tried again. Who takes a place gives it back.")
    return Finding(
        False,
        success,
        "hiccups_shown",
        f"One answer in ten failed at the bank, and only {success:.1%} of orders got through; a retry saves most.",
    )


@check(
    "A confirmed order was paid for",
    needs=("outage", "long_outage", "calm", "hiccups"), at_most=0, unit="orders confirmed and not yet charged", keeps=0.0,
    hint="charge() must return what payments answered, and raise when there is no answer.",
)  # fmt: skip
def confirmed_is_charged(runs: Mapping[str, Run]) -> Finding:
    """A confirmed order was paid for, before it was confirmed."""
    unpaid = [name for run in runs.values() for name in confirmed_unpaid(run)]
    uncalled = sum(charged_uncalled(run) for run in runs.values())
    if not unpaid and uncalled:
        told = f"{uncalled} more orders were charged than calls went from the shop to payments."
        return Finding(False, uncalled, "never_asked", f"{told} Each order is a call of its own.")
    if not unpaid:
        return Finding(True, 0, "paid", "Every confirmed order was charged.")
    return Finding(
        False, len(unpaid), "unpaid", f"{len(unpaid)} orders were confirmed and had not been charged, first {unpaid[0]}."
    )


@check(
    "Each charge is done or refused",
    needs=("outage", "long_outage"), at_most=0, unit="jobs without an answer", keeps=0.5, hears=("logs",),
    hint="What take() throws away still has a caller's connection and handler at payments: job.refuse() ends them.",
)  # fmt: skip
def answered(runs: Mapping[str, Run]) -> Finding:
    """No job is dropped in silence. Payments tells this of itself, so it counts against a repair only."""
    dropped = [log.request_id for run in runs.values() for log in run.logs("payments") if log.event == DROPPED]
    if not dropped:
        return Finding(True, 0, "answered", "Each job at payments was done, refused, or still in the queue.")
    told = f"{len(dropped)} jobs were dropped by the queue and never answered, first that of {dropped[0]}"
    return Finding(False, len(dropped), "dropped", f"{told}: payments goes on waiting for each of them.")


CHECKS = (recovers, recovers_long, amplification, charged_once, calm, confirmed_is_charged, hiccups, answered)

"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the tap on the wire, and in the bank's ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labs.kit import stats
from labs.kit.lab import Check
from labs.kit.record import Run
from labs.kit.verdict import Finding

TAIL_S = 8.0
LINK = "shop->payments"

CALM_GOAL = 0.995
HICCUP_GOAL = 0.97
RECOVERY_GOAL = 0.8
AMPLIFICATION_GOAL = 1.6
GIVEN_UP = 0.5


def debits(run: Run) -> Counter[str]:
    """How often the bank moved money for each order; the bank does not run the repair, so this can be believed."""
    return Counter(event.subject for event in run.events("debit"))


def tail_success(run: Run) -> float:
    """Share of the orders of the last TAIL_S seconds of load that were confirmed."""
    return stats.success_rate(run, run.info.load_s - TAIL_S)


def stall_end(run: Run) -> float:
    """When the bank came back."""
    return run.events("fault off")[0].time


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
        return "turned_away", f"payments refused {ended['503']:,} attempts and finished none."
    if ended["200"] >= ended["timeout"]:
        return "turned_away", f"payments refused {ended['503']:,} attempts, though those it took were answered in time."
    if attempts > AMPLIFICATION_GOAL:
        return "retries_sustain_it", (
            f"at {attempts:.1f} attempts an order, the retries themselves keep the queue longer than the timeout."
        )
    return "still_draining", f"at {attempts:.1f} attempts an order, payments is busy with work that nobody waits for."


def recovers(runs: Mapping[str, Run]) -> Finding:
    """A short stall ends, and so does the outage."""
    return _recovered(runs["outage"])


def recovers_long(runs: Mapping[str, Run]) -> Finding:
    """A long stall ends, and so does the outage."""
    return _recovered(runs["long_outage"])


def amplification(runs: Mapping[str, Run]) -> Finding:
    """Few attempts an order, from the trigger to the end."""
    run = runs["outage"]
    ratio = stats.amplification(run, LINK, run.events("fault on")[0].time)
    if ratio <= AMPLIFICATION_GOAL:
        return Finding(True, ratio, "contained", f"From the stall on, an order cost {ratio:.2f} attempts on average.")
    bunched = stats.bunching(run, LINK, 0.01)
    return Finding(
        False,
        ratio,
        "amplifies",
        f"From the stall on, an order cost {ratio:.2f} attempts on average, and {bunched:.0%} of retries left within"
        " 10 ms of another. What limits how many retries the whole shop may send?",
    )


def charged_once(runs: Mapping[str, Run]) -> Finding:
    """No customer pays twice."""
    twice = [order for order, times in debits(runs["outage"]).items() if times > 1]
    if not twice:
        return Finding(True, 0, "charged_once", "No order was charged twice.")
    return Finding(
        False,
        len(twice),
        "double_charge",
        f"{len(twice)} orders were charged more than once, the first of them {twice[0]}: an attempt that timed out may still"
        " have moved the money. How would the bank know that two attempts mean the same charge?",
    )


def calm(runs: Mapping[str, Run]) -> Finding:
    """Normal load is unharmed."""
    success = stats.success_rate(runs["calm"])
    passed = success >= CALM_GOAL
    message = f"With nothing wrong, {success:.1%} of orders are confirmed."
    return Finding(passed, success, "unharmed" if passed else "normal_load_harmed", message)


def hiccups(runs: Mapping[str, Run]) -> Finding:
    """Retries still do what they are for."""
    success = stats.success_rate(runs["hiccups"])
    if success >= HICCUP_GOAL:
        return Finding(
            True,
            success,
            "hiccups_hidden",
            f"One answer in ten failed at the bank, and {success:.1%} of orders got through.",
        )
    return Finding(
        False,
        success,
        "hiccups_shown",
        f"One answer in ten failed at the bank, and only {success:.1%} of orders got through; a retry saves most.",
    )


def confirmed_is_charged(runs: Mapping[str, Run]) -> Finding:
    """A confirmed order was paid for."""
    run = runs["outage"]
    charged = debits(run)
    unpaid = [r.request_id for r in run.requests() if r.ok and not charged[r.request_id]]
    if not unpaid:
        return Finding(True, 0, "paid", "Every confirmed order was charged.")
    return Finding(
        False, len(unpaid), "unpaid", f"{len(unpaid)} orders were confirmed but never charged, first {unpaid[0]}."
    )


CHECKS = (
    Check(
        name="recovers",
        title="A stall of the bank ends when the bank comes back",
        needs=("outage",),
        judge=recovers,
        goal=RECOVERY_GOAL,
        bound="at least",
        unit="share of orders confirmed in the last 8 s",
        points=4,
        hint="What is payments asked for while everything fails? Orders a second times attempts. Can it do as much?",
    ),
    Check(
        name="recovers_long",
        title="A long stall, too",
        needs=("long_outage",),
        judge=recovers_long,
        goal=RECOVERY_GOAL,
        bound="at least",
        unit="share of orders confirmed in the last 8 s",
        points=3,
        hint="What has piled up at payments when a long stall ends, and who still waits for it?",
    ),
    Check(
        name="amplification",
        title="The shop does not multiply the load",
        needs=("outage",),
        judge=amplification,
        goal=AMPLIFICATION_GOAL,
        bound="at most",
        unit="attempts an order",
        points=2,
        narrow=0.1,
        hint="A limit for each order is not a limit for the shop. Let successes pay for retries.",
    ),
    Check(
        name="charged_once",
        title="No customer pays twice",
        needs=("outage",),
        judge=charged_once,
        goal=0,
        bound="at most",
        unit="orders charged twice",
        points=2,
        hint="Send the same Idempotency-Key header with each attempt for one order: the bank then moves the money once.",
    ),
    Check(
        name="calm",
        title="Normal load is unharmed",
        needs=("calm",),
        judge=calm,
        goal=CALM_GOAL,
        bound="at least",
        unit="share of orders confirmed",
        gate=True,
        keeps=0.0,
        hint="Run the scenario 'calm' with your repair: which orders fail although nothing is wrong?",
    ),
    Check(
        name="confirmed_is_charged",
        title="A confirmed order was paid for",
        needs=("outage",),
        judge=confirmed_is_charged,
        goal=0,
        bound="at most",
        unit="orders confirmed and never charged",
        gate=True,
        keeps=0.0,
        hint="charge() must return what payments answered, and raise when there is no answer.",
    ),
    Check(
        name="hiccups",
        title="Single errors stay hidden from customers",
        needs=("hiccups",),
        judge=hiccups,
        goal=HICCUP_GOAL,
        bound="at least",
        unit="share of orders confirmed",
        gate=True,
        keeps=0.5,
        hint="Retries exist for this case: one failed answer, an idle queue. Keep some.",
    ),
)

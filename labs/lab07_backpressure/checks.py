"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire, by the renderer's books and by the bulk client.
"""

from __future__ import annotations

from collections.abc import Mapping

from labs.kit import Finding, Run, check, stats
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.scenarios import (
    CALM_AT_S,
    CAPACITY,
    ERRORS_AT_S,
    ERRORS_S,
    HANGS_AT_S,
    HANGS_S,
    MODERATE,
    MODEST,
    NORMAL,
    PATIENCE_S,
    THRICE_AT_S,
    THRICE_S,
    TWICE_AT_S,
)  # fmt: skip

FULL_AT_S = 4.0
"""In the overload, an unbounded queue is longer than the patience by then: (80 - 50) x 3 s = 90 jobs, 50 are one second."""
RECOVERED_S = 1.5
"""After the second spike, a bounded queue is empty again by then."""
SETTLED_S = 2.0
"""From then on, the noisy client is in full swing."""

GOODPUT_GOAL = 0.8
TOLD_GOAL = 0.9
WAITING_GOAL = 0.65
RECOVERY_GOAL = 0.75
FAIR_GOAL = 0.82
SENT_AWAY_GOAL = 0.75
COST_GOAL = 5.0
NORMAL_GOAL = 0.93
MODEST_GOAL = 0.5
"""Measured: right repairs serve all of the few jobs; none is served where the places of those that got too old are lost."""
CALLS_GOAL = 4.0
"""Measured: 0.2 to 0.5 where each job is sent once, 17 where two consumers ask again without a pause."""


@check(
    "Over capacity, the renderer works for callers who still wait",
    needs=("overload", "many_shops"), at_least=GOODPUT_GOAL, unit="share of the capacity answered in time", points=4,
    narrow=0.05,
    hint="What stands in the queue at second 4, how long does that take at 50 a second, how long do callers wait?",
)  # fmt: skip
def goodput(runs: Mapping[str, Run]) -> Finding:
    """Over capacity, as many callers are served in time as the renderer can serve, be they a dozen shops or ten dozen."""
    # What stands in the queue as the load ends is served after it: a little more than the capacity may be counted.
    shares = {name: min(1.0, readings.in_time(run, FULL_AT_S) / CAPACITY) for name, run in runs.items()}
    name = next((name for name, share in shares.items() if share < GOODPUT_GOAL), min(shares, key=lambda n: shares[n]))
    told = (
        f"From second {FULL_AT_S:g} of {name!r} on, {shares[name] * CAPACITY:.0f} answers a second came in time, of"
        f" {CAPACITY:.0f} that the renderer can make"
    )
    if shares[name] >= GOODPUT_GOAL:
        return Finding(True, shares[name], "useful", f"{told}.")
    reason, why = readings.why(runs[name], FULL_AT_S)
    return Finding(False, shares[name], reason, f"{told}: {why}")


@check(
    "Accepted means done: whoever is not refused is answered",
    needs=("spike", "errors"), at_least=TOLD_GOAL, unit="share of callers who heard yes or no", points=2,
    hint="Each job ends with job.finish() or job.refuse(), while its caller waits. Which of yours end with neither, or"
    " with an error?",
)  # fmt: skip
def told(runs: Mapping[str, Run]) -> Finding:
    """Whoever is not refused is answered: accepted means done, and a label that failed is a no."""
    in_spike = _told_in_spike(runs["spike"])
    return in_spike if not in_spike.passed else _told_of_errors(runs["errors"], in_spike)


def _told_of_errors(run: Run, in_spike: Finding) -> Finding:
    asked = stats.user_requests(run, ERRORS_AT_S, ERRORS_AT_S + ERRORS_S)
    silent = sum(not (readings.told(r) or readings.failed(r)) for r in asked)
    share = 1 - silent / len(asked)
    if share >= TOLD_GOAL:
        return in_spike
    why = f"{silent} of {len(asked)} callers heard nothing while the renderer failed: render() raised, and nobody told them."
    return Finding(False, share, "errors_untold", why)


def _told_in_spike(run: Run) -> Finding:
    asked = stats.user_requests(run)
    silent = [r for r in asked if not readings.told(r)]
    share = 1 - len(silent) / len(asked)
    if share >= TOLD_GOAL:
        return Finding(True, share, "told", f"{share:.1%} of the callers heard yes or no while they waited.")
    errors = sum(readings.failed(r) for r in silent)
    if 2 * errors > len(silent):
        return Finding(False, share, "errors", f"{errors} of {len(asked)} callers got an error: {readings.advice(run)}")
    made = {r.request_id for r in readings.renders(run)}
    never = sum(r.request_id not in made for r in silent)
    head = f"{len(silent)} of {len(asked)} callers heard neither yes nor no"
    if 2 * never > len(silent):
        return Finding(
            False,
            share,
            "dropped",
            f"{head}, and {never} of their jobs never reached the renderer: taken in, and not worked. Who is dropped must"
            " hear it: job.refuse().",
        )
    return Finding(
        False,
        share,
        "left_waiting",
        f"{head}; the labels of {len(silent) - never} of them were made all the same, after they had left. Taken in means"
        " done in time, or refused.",
    )


@check(
    "A yes or a no comes soon, also in a spike",
    needs="spike", at_most=WAITING_GOAL, unit="share of the patience, p95", points=1,
    hint="Does each caller hear yes or no at all? An error is neither. If so: places in the queue divided by 50 labels a"
    " second is the longest wait. How much of 1 s may it be?",
)  # fmt: skip
def waiting(run: Run) -> Finding:
    """Nobody waits long for a yes or a no, also in a spike of three times the capacity."""
    p95 = stats.percentile(readings.words(run), 95) / PATIENCE_S
    if p95 <= WAITING_GOAL:
        return Finding(True, p95, "soon", f"95% of the callers heard yes or no within {p95:.0%} of their patience.")
    asked = stats.user_requests(run)
    errors = sum(readings.failed(r) for r in asked)
    if 2 * errors > sum(not readings.told(r) for r in asked):
        return Finding(False, p95, "errors", f"{errors} of {len(asked)} callers got an error: {readings.advice(run)}")
    if p95 >= 0.99:
        return Finding(
            False, p95, "no_word", "More than 5% of the callers heard nothing in their whole patience. What bounds the wait?"
        )
    return Finding(
        False,
        p95,
        "told_late",
        f"95% of the callers heard yes or no within {p95:.0%} of their patience: a no that comes so late could have come at"
        " once, and a yes leaves no room for a slow moment.",
    )


@check(
    "When a spike is over, it is over",
    needs="spike", at_least=RECOVERY_GOAL, unit="share of requests served", points=1,
    hint='lab.run(scenario="spike") and lab.flow() show what stands in the queue when the spike ends.',
)  # fmt: skip
def recovers(run: Run) -> Finding:
    """A spike is over when the load is."""
    start = THRICE_AT_S + THRICE_S + RECOVERED_S
    success = stats.success_rate(run, start)
    told = f"From {RECOVERED_S:g} s after the second spike on, {success:.0%} of the callers were served"
    if success >= RECOVERY_GOAL:
        return Finding(True, success, "recovers", f"{told}.")
    reason, why = readings.why(run, start)
    return Finding(False, success, reason, f"{told}, though they asked for two fifths of the capacity: {why}")


@check(
    "One noisy client does not starve the quiet ones",
    needs="noisy", at_least=FAIR_GOAL, unit="share of the quiet shops' requests served", points=2, narrow=0.03,
    hint="job.client says who asks. How many places of the queue may one client hold, or how many labels a second have?",
)  # fmt: skip
def fair(run: Run) -> Finding:
    """One noisy client does not take the places of the quiet ones."""
    quiet, ended = readings.shops(run, SETTLED_S), readings.bulk(run)
    told = f"{quiet.share:.0%} of what the quiet shops asked for was served; they need half of the capacity together"
    if quiet.share >= FAIR_GOAL:
        return Finding(True, quiet.share, "fair", f"{told}. The noisy client got {ended['done']} of {ended.total()}.")
    served = (ended["done"] + readings.shops(run).served) / run.info.load_s
    if served >= 0.75 * CAPACITY:
        return Finding(
            False,
            quiet.share,
            "starved",
            f"{told}. The noisy client got {ended['done']} of {ended.total()}: with one line for all, who asks most"
            " gets most.",
        )
    return Finding(
        False,
        quiet.share,
        "short_for_all",
        f"{told}. Noisy client included, {served:.0f} labels a second came in time: this is no question of shares yet.",
    )


@check(
    "Who is refused is told when to come back",
    needs="noisy", at_least=SENT_AWAY_GOAL, unit="share of the jobs not done", points=1,
    hint="job.refuse(retry_after=1) sends the header Retry-After: 1.",
)  # fmt: skip
def sent_away(run: Run) -> Finding:
    """Who is refused is told when to come back."""
    ended = readings.bulk(run)
    failed = ended.total() - ended["done"] - ended["wrong label"]
    if not failed:
        return Finding(True, 1.0, "told_when", "No job of the noisy client was left undone: there was nobody to refuse.")
    share = ended["refused"] / failed
    told = f"Of {failed} jobs of the noisy client that were not done, {ended['refused']} were refused with Retry-After"
    if share >= SENT_AWAY_GOAL:
        return Finding(True, share, "told_when", f"{told}.")
    if 2 * ended["error"] > failed - ended["refused"]:
        asked = stats.attempts(run, "bulk->api") / ended.total()
        return Finding(
            False,
            share,
            "errors",
            f"{told}; {ended['error']} ended with an error ({asked:.1f} attempts a job): {readings.advice(run)}",
        )
    if ended["no answer"] > ended["refused untold"]:
        return Finding(False, share, "silence", f"{told}; {ended['no answer']} got no answer in their whole patience.")
    asked = stats.attempts(run, "bulk->api") / ended.total()
    return Finding(
        False,
        share,
        "untold",
        f"{told}; {ended['refused untold']} were refused and not told when to come back, so they were back at once:"
        f" {asked:.1f} attempts a job.",
    )


@check(
    "Normal load is unharmed",
    needs="spike", at_least=NORMAL_GOAL, unit="share of requests served", keeps=0.0,
    hint='Run lab.run(scenario="calm") with your repair: who is refused although there is room?',
)  # fmt: skip
def normal(run: Run) -> Finding:
    """Normal load is unharmed."""
    success = stats.success_rate(run, 0.0, TWICE_AT_S - 1)
    passed = success >= NORMAL_GOAL
    message = (
        f"In the normal hour ({NORMAL:g} requests a second on average), until a second before the first spike, {success:.1%}"
        " of them are served."
    )
    return Finding(passed, success, "unharmed" if passed else "normal_load_harmed", message)


@check(
    "An error costs one label, not a place",
    needs="errors", at_least=NORMAL_GOAL, unit="of the share served before the trouble, once it is over", keeps=0.0,
    hint="render() may raise, and a job may be refused before it. What was counted for the job must be taken back then as"
    " well: try, finally.",
)  # fmt: skip
def after_errors(run: Run) -> Finding:
    """When the renderer's trouble is over, all is as before it, also for the client who asked for much meanwhile."""
    before, after = stats.success_rate(run, 0.0, HANGS_AT_S - 0.3), stats.success_rate(run, CALM_AT_S)
    share = after / before if before else 1.0
    head = (
        f"The renderer hung for {HANGS_S:g} s and failed for {ERRORS_S:g} s. Before, {before:.1%} of requests are served,"
        f" from second {CALM_AT_S:g} on {after:.1%}"
    )
    if share < NORMAL_GOAL:
        refused = sum(r.status in readings.REFUSED for r in stats.user_requests(run, CALM_AT_S))
        why = f"{refused} are refused, though the renderer has nothing to do. What still counts the jobs that failed?"
        return Finding(False, share, "places_lost" if refused else "errors", f"{head}: {why}" if refused else f"{head}.")
    modest = readings.bulk(run, CALM_AT_S)
    served = modest["done"] / modest.total() if modest else 1.0
    if served >= MODEST_GOAL:
        return Finding(True, share, "as_before", f"{head}.")
    why = (
        f"but the client who asked for much as the renderer hung asks for {MODEST:g} a second by then, no more than a shop,"
        f" and gets {modest['done']} of {modest.total()}. What still counts its jobs that were refused?"
    )
    return Finding(False, served, "client_shut_out", f"{head}, {why}")


@check(
    "A renderer in trouble is not stormed",
    needs="errors", at_most=CALLS_GOAL, unit="calls a second while it fails, as a multiple of its capacity", keeps=0.5,
    hint="An error comes back at once. How often does a loop ask again in a second that does not wait?",
)  # fmt: skip
def storm(run: Run) -> Finding:
    """While the renderer fails, it is not called much more often than it could work."""
    calls = stats.attempts(run, readings.WORK, ERRORS_AT_S, ERRORS_AT_S + ERRORS_S) / ERRORS_S
    told = f"While it failed, the renderer was called {calls:.0f} times a second for {MODERATE:g} jobs"
    if calls <= CALLS_GOAL * CAPACITY:
        return Finding(True, calls / CAPACITY, "calm", f"{told}.")
    why = "who asks again at once keeps it from getting up. Refuse the job, or wait first."
    return Finding(False, calls / CAPACITY, "stormed", f"{told}: {why}")


@check(
    "An answer is a label that was made",
    needs=("overload", "spike", "noisy", "calm"), at_most=0, unit="answers without a label", keeps=0.0,
    hint="job.finish() gets what renderer.render(job) returned, and not before.",
)  # fmt: skip
def rendered(runs: Mapping[str, Run]) -> Finding:
    """An answer is a label that was made."""
    false = 0
    for run in runs.values():
        made = {r.request_id: r.done or 0.0 for r in reversed(readings.renders(run))}
        answered = [r for r in run.requests() if r.ok]
        false += sum(made.get(r.request_id, run.info.seconds) > (r.done or 0.0) for r in answered)
        false += readings.bulk(run)["wrong label"]
    if not false:
        return Finding(True, 0, "made", "Every answer was a label that the renderer had made.")
    return Finding(
        False,
        false,
        "not_rendered",
        f"{false} callers were answered 200 before their label had been made, or with another one. Accepted must mean done.",
    )


@check(
    "What is rented stays within the budget",
    needs=("overload", "spike", "noisy"), at_most=COST_GOAL, unit="workers paid for, on average", keeps=0.5,
    hint="A worker takes 3 s to start and is paid for 10 s at least: a ceiling, and a pause after each change.",
)  # fmt: skip
def cost(runs: Mapping[str, Run]) -> Finding:
    """What is rented stays within a budget."""
    name, run = max(runs.items(), key=lambda item: readings.rented(item[1]).worker_seconds / item[1].info.seconds)
    paid = readings.rented(run)
    workers = paid.worker_seconds / run.info.seconds
    told = f"In the scenario {name}, {workers:.1f} workers were paid for on average, rented {paid.rents} times"
    if workers <= COST_GOAL:
        return Finding(True, workers, "affordable", f"{told}.")
    if paid.releases >= 2:
        why = f"each is paid for {readings.LEAST_PAID_S:g} s at least, and works after 3 s. What keeps it from changing?"
        return Finding(False, workers, "flaps", f"{told}: {why}")
    return Finding(False, workers, "no_ceiling", f"{told}. How much may overload cost, whoever causes it?")


CHECKS = (goodput, told, waiting, recovers, fair, sent_away, normal, after_errors, storm, rendered, cost)

"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire, and in what the services that run no repair wrote down.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab05_timeouts import readings
from labs.lab05_timeouts.readings import CHECKOUT, HEALTHY, LINKS, OPTIONAL, PRODUCT, SEARCH
from labs.lab05_timeouts.scenarios import ERROR_S, HALF_S, ONE_ERROR_S, PATIENCE_S, REFUSED_S

PROMISE_S = 0.5
"""Within this, checkouts and searches are answered."""
PAGE_S = 1.0
"""Within this, product pages are."""
LIMITS = {CHECKOUT: PROMISE_S, SEARCH: PROMISE_S, PRODUCT: PAGE_S}
IN_TIME_GOAL = 0.85
SHOWN_GOAL = 0.8
NOBODY_GOAL = 2.0
"""Right repairs reach 0.1 s in 80 orders that fail; one whose timeouts begin behind a line for 8 places, 3.4 s."""
CALM_GOAL = 0.95
FILLED_S = 4.0
"""So long after the trouble began, 25 calls a second that nobody ends have filled a pool of 100."""
BACK_S = 1.5
"""So long after its trouble a service may be looked at; in the same time after it, recommendations must be back."""
FULL = 90
"""So many calls under way at once, of the 100 that aiohttp lets a session have."""
LEFT = 3
"""Calls under way at the quiet end of a run: right repairs have none, and one may just have begun."""
FEW = 20
"""With no more than this many at once, something else than the pool of connections keeps calls waiting."""
UNTRUE = (
    ("never_asked", readings.invented, "that the search service had not found by then"),
    ("found_earlier", readings.stands_in, "of an earlier search, though each call to the search service for them failed"),
)
"""What is wrong with a search that was answered: a reason, the reading that finds it, and the message."""


def _p50(run: Run, endpoints: tuple[str, ...], start: float, end: float) -> str:
    half = stats.percentile(readings.times(run, endpoints, start, end), 50)
    return "p50: no answer" if half == inf else f"p50 {half:.2f} s" if half >= 1 else f"p50 {1000 * half:.0f} ms"


def _promised(run: Run, start: float, end: float) -> float:
    """Share of all requests of the window that were answered 200 in the time that is promised on their route."""
    asked = {route: len(readings.requests(run, (route,), start, end)) for route in LIMITS}
    good = sum(n * readings.in_time(run, (route,), LIMITS[route], start, end) for route, n in asked.items())
    return good / max(1, sum(asked.values()))


def _why_waiting(run: Run, start: float, end: float) -> tuple[str, str]:
    """Why routes that have nothing to do with the trouble wait: a slug, and the end of a sentence."""
    most = stats.most_in_flight(run, OPTIONAL, start, end)
    if most >= FULL:
        return "pool_full", (
            f"{most} calls to recommendations were under way at once, and held the places that other calls waited for."
        )
    if most <= FEW:
        return "few_at_once", (
            f"never more than {most} calls to recommendations were under way at once, so it is no pool of 100 connections"
            " that is full. What else do all calls have to share: threads, a semaphore?"
        )
    return "kept_waiting", f"up to {most} calls to recommendations were under way at once."


@check(
    "Checkout and search do not wait for recommendations",
    needs="hole", at_least=IN_TIME_GOAL,
    unit=f"share of checkouts and searches within {PROMISE_S:g} s, from {FILLED_S:g} s into the trouble on", points=3,
    hint="Places held = calls a second x seconds that each is held (Little's law). Who holds the 100 places of the"
    " session, and what would bring that number down?",
)  # fmt: skip
def healthy(run: Run) -> Finding:
    """Checkout and search do not notice that recommendations hangs."""
    begun, end = readings.trouble(run)
    start = begun + FILLED_S
    share = readings.in_time(run, HEALTHY, PROMISE_S, start, end)
    told = f"{share:.0%} of checkouts and searches were answered within {PROMISE_S:g} s once recommendations had hung for"
    told += f" {FILLED_S:g} s ({_p50(run, HEALTHY, start, end)})"
    if share >= IN_TIME_GOAL:
        return Finding(True, share, "unharmed", f"{told}.")
    asked = readings.requests(run, HEALTHY, start, end)
    errors = sum(r.status >= 400 for r in asked)
    called = sum(stats.attempts(run, LINKS[name], start, end) for name in ("payments", "search"))
    if 2 * errors > (1 - share) * len(asked) and 2 * called > len(asked):
        why = f"{errors} of {len(asked)} were answered with an error, though payments and search were asked {called} times."
        return Finding(False, share, "errors", f"Only {told}: {why}")
    reason, why = _why_waiting(run, start, end)
    return Finding(False, share, reason, f"Only {told}: {why}")


@check(
    "A product page comes without recommendations if need be",
    needs=("hole", "errors"), at_least=IN_TIME_GOAL, unit=f"share of product pages within {PAGE_S:g} s", points=2,
    hint='Give up early enough, and answer with "recommended": [] then. lab.run(scenario="errors") shows other failures.',
)  # fmt: skip
def page(runs: Mapping[str, Run]) -> Finding:
    """A product page comes in time, without what is optional if need be: recommendations may hang, or fail in any way."""
    found = [_page(runs["hole"], *readings.trouble(runs["hole"]), "recommendations hung")]
    for window, how in ((REFUSED_S, "refused connections"), (ERROR_S, "answered 500"), (HALF_S, "broke off its answers")):
        found.append(_page(runs["errors"], *window, f"recommendations {how}"))
    return next((each for each in found if not each.passed), found[0])


def _page(run: Run, start: float, end: float, what: str) -> Finding:
    """Product pages while `what`, a clause, was the case."""
    asked = readings.requests(run, (PRODUCT,), start, end)
    share = readings.in_time(run, (PRODUCT,), PAGE_S, start, end)
    told = f"{share:.0%} of product pages came within {PAGE_S:g} s while {what}"
    odd = [p for p in readings.pages(run) if p.status == 200 and not p.well_formed]
    if odd:
        why = "pages are not of the form {'sku': ..., 'recommended': [...]}"
        return Finding(False, min(share, IN_TIME_GOAL - 0.01), "malformed", f"{len(odd)} {why}.")
    if share >= IN_TIME_GOAL:
        return Finding(True, share, "shown_without", f"{told}.")
    refused = sum(r.status >= 400 for r in asked)
    if 2 * refused > (1 - share) * len(asked):
        why = f"{refused} of {len(asked)} were answered with an error. Recommendations are optional; the page is not."
        return Finding(False, share, "no_fallback", f"Only {told}: {why}")
    gone = sum(r.status == 0 for r in asked)
    why = f"the others came too late, {gone} of them not before their customer left."
    return Finding(False, share, "too_late", f"Only {told}: {why}")


@check(
    "Nor does anybody wait for an answer that drips",
    needs="drip", at_least=IN_TIME_GOAL, unit="share of requests in the promised time", points=2,
    hint="sock_read is the time between two reads. One byte now and then starts it anew; `total` and asyncio.timeout()"
    ' go on. lab.run(scenario="drip") shows this run.',
)  # fmt: skip
def drip(run: Run) -> Finding:
    """Answers that come a few bytes at a time harm nobody either."""
    start, end = readings.trouble(run)
    share = _promised(run, start, end)
    told = f"{share:.0%} of all requests were answered in the promised time while recommendations dripped"
    if share >= IN_TIME_GOAL:
        return Finding(True, share, "unharmed", f"{told}.")
    asked = readings.requests(run, (PRODUCT,), start, end)
    refused = sum(r.status >= 400 for r in asked)
    if 2 * refused > len(asked):
        return Finding(False, share, "no_fallback", f"Only {told}: {refused} of {len(asked)} pages were errors.")
    whole = sorted(
        r.done - r.sent for r in run.requests(OPTIONAL) if r.done is not None and start <= r.sent < end - PATIENCE_S
    )
    half = stats.percentile(whole, 50) if whole else inf
    if half > PAGE_S:
        why = f"half of the calls to recommendations went on for {half:.1f} s and longer, though a byte came now and then."
        return Finding(False, share, "dripped", f"Only {told}: {why}")
    reason, why = _why_waiting(run, start, end)
    return Finding(False, share, reason, f"Only {told}: {why}")


@check(
    "Recommendations are back as soon as their service is",
    needs=("hole", "errors"), at_least=SHOWN_GOAL,
    unit=f"share of pages with recommendations, from {BACK_S:g} s after the trouble on", points=2,
    hint="A call that is never answered holds its place until somebody ends it. A breaker that opened must try again"
    " soon, and a success sets its count of failures back. What failed once may be asked again. What a call takes, such as a"
    " place of a bulkhead, is given back however it ends.",
)  # fmt: skip
def recovers(runs: Mapping[str, Run]) -> Finding:
    """Recommendations are on the page again as soon as their service is well: after it hung, and after errors."""
    after_hole = _back_after_hole(runs["hole"])
    return after_hole if not after_hole.passed else _back_after_errors(runs["errors"])


def _back_after_errors(run: Run) -> Finding:
    """After errors of all kinds nothing is remembered; one single error later costs its own page alone."""
    back = HALF_S[1] + BACK_S
    share, before = readings.share_shown(run, back), readings.share_shown(run, back, ONE_ERROR_S)
    told = f"{share:.0%} of pages showed recommendations, from {BACK_S:g} s after the service's errors on"
    if share >= SHOWN_GOAL:
        return Finding(True, share, "recovers", f"{told}.")
    if before >= SHOWN_GOAL:
        why = f"all did so until one single answer failed, at second {ONE_ERROR_S:g}. What sets a count of failures back?"
        return Finding(False, share, "one_error", f"Only {told}: {why}")
    return _missing(run, back, share, told)


def _back_after_hole(run: Run) -> Finding:
    back = readings.trouble(run)[1] + BACK_S
    share = readings.share_shown(run, back)
    told = f"From {BACK_S:g} s after the trouble on, {share:.0%} of pages showed recommendations"
    left = stats.in_flight(run, OPTIONAL, run.info.seconds - stats.CLOCK_S)
    if share >= SHOWN_GOAL and left > LEFT:
        why = (
            f"but {left} calls went on at the end of the run, and nobody waited for them: who gives up must cancel the call."
        )
        return Finding(False, share, "goes_on", f"{told}, {why}")
    if share >= SHOWN_GOAL:
        return Finding(True, share, "recovers", f"{told}.")
    held = stats.in_flight(run, OPTIONAL, back)
    if held >= FULL:
        why = f"{held} calls that will never be answered still held their places."
        return Finding(False, share, "pool_stays_full", f"{told}: {why}")
    return _missing(run, back, share, told)


def _missing(run: Run, back: float, share: float, told: str) -> Finding:
    """Pages lack recommendations from `back` on: was their service asked?"""
    asked = stats.attempts(run, OPTIONAL, back) / max(1, len(readings.requests(run, (PRODUCT,), back)))
    if asked < SHOWN_GOAL / 2:
        why = f"for a page, recommendations was asked {asked:.2f} times. What keeps the storefront from trying?"
        return Finding(False, share, "not_asked", f"{told}: {why}")
    return Finding(False, share, "not_shown", f"{told}, though it was asked {asked:.2f} times a page.")


@check(
    "Payments stops when nobody waits for it any more",
    needs="slow", at_most=NOBODY_GOAL, unit="seconds of work for customers who have left or were told no", points=2,
    hint="A caller that gives up stops nothing on the other side. Send X-Timeout-S with each call: never more than"
    " visit.left(), and never more than you will wait yourself.",
)  # fmt: skip
def stops(run: Run) -> Finding:
    """What a customer no longer waits for is not worked on, whether he has left or has been told no."""
    wasted = readings.for_nobody(run)
    total = sum(wasted.values())
    charged = readings.times_charged(run)
    late = [r for r in readings.requests(run, (CHECKOUT,)) if not r.ok and charged[r.request_id]]
    told = f"Payments worked {total:.1f} s on orders whose customer had left or had been told no"
    if late:
        told += f"; {len(late)} orders that failed were charged all the same, the first of them {late[0].request_id}"
    if total <= NOBODY_GOAL:
        return Finding(True, total, "stops", f"{told}.")
    jobs = [c for c in readings.charges(run) if c.order in wasted]
    untold = sum(c.given is None for c in jobs)
    if 2 * untold > len(jobs):
        why = f"{untold} of these {len(jobs)} calls did not say how long their caller would wait."
        return Finding(False, total, "not_told", f"{told}: {why}")
    most = max(c.given for c in jobs if c.given is not None)
    told_no = {r.request_id for r in readings.refused(run)}
    after_no = sum(seconds for order, seconds in wasted.items() if order in told_no)
    if 2 * after_no > total:
        why = f"these calls were given up to {most:.2g} s each, and the storefront itself gave them up before that."
        return Finding(False, total, "more_than_waited", f"{told}: {why}")
    why = f"they were given up to {most:.2g} s each, more than the customer had left. All attempts share one deadline."
    return Finding(False, total, "given_too_much", f"{told}: {why}")


# Gates --------------------------------------------------------------------------------------------------------------


@check(
    "Where nothing is wrong, each route is answered",
    needs="calm", at_least=CALM_GOAL, unit="share of requests in the promised time, on the worst route", keeps=0.0,
    hint="Compare your timeouts with lab.percentiles(): a timeout at p95 refuses one healthy answer in twenty.",
)  # fmt: skip
def calm(run: Run) -> Finding:
    """Where nothing is wrong, each route is answered."""
    shares = {route: readings.in_time(run, (route,), limit) for route, limit in LIMITS.items()}
    worst = min(shares, key=lambda route: shares[route])
    message = f"With nothing wrong, {shares[worst]:.1%} of {worst} were answered in time."
    if shares[worst] >= CALM_GOAL:
        return Finding(True, shares[worst], "answered", message)
    return Finding(False, shares[worst], "health_refused", message)


@check(
    "Recommendations are shown while their service is well",
    needs="calm", at_least=SHOWN_GOAL, unit="share of pages with recommendations", keeps=0.0,
    hint="The page without recommendations is for the trouble. In health it must ask, and wait long enough.",
)  # fmt: skip
def recommended(run: Run) -> Finding:
    """The optional part is shown while its service is well."""
    share = readings.share_shown(run)
    message = f"With nothing wrong, {share:.0%} of product pages showed what was recommended."
    if share >= SHOWN_GOAL:
        return Finding(True, share, "shown", message)
    if strange := sum(page.strange for page in readings.pages(run)):
        why = f"{strange} pages showed what recommendations had never named for their product."
        return Finding(False, share, "never_named", f"{message} {why}")
    return Finding(False, share, "left_out", message)


@check(
    "A confirmed order is paid, and once",
    needs=("slow", "errors", "calm"), at_most=0, unit="orders", keeps=0.0,
    hint="checkout() returns what payments answered, or raises. A second call for the same order may move money a second"
    " time, unless both carry the same Idempotency-Key.",
)  # fmt: skip
def paid(runs: Mapping[str, Run]) -> Finding:
    """Who is told "paid" has paid, and once."""
    unpaid, twice, mixed = [], [], []
    for run in runs.values():
        done = {r.request_id: r.done for r in readings.requests(run, (CHECKOUT,)) if r.ok and r.done is not None}
        in_time = {c.order for c in readings.charges(run) if c.charged and c.ended <= done.get(c.order, inf) + stats.CLOCK_S}
        unpaid += [order for order in done if order not in in_time]
        twice += [order for order, times in readings.times_charged(run).items() if times > 1]
        mixed += [charge.order for charge in readings.charges(run) if charge.key_of != charge.order]
    if mixed and (unpaid or twice):
        told = f"{len(unpaid)} orders were confirmed and not paid, {len(twice)} were charged more than once"
        why = f"{len(mixed)} calls came with the Idempotency-Key of another order, the first of them for {mixed[0]}."
        return Finding(False, len(unpaid) + len(twice), "key_of_another", f"{told}: {why} Each call has headers of its own.")
    if unpaid:
        why = f"{len(unpaid)} orders were confirmed and not paid by then, the first of them {unpaid[0]}."
        return Finding(False, len(unpaid), "unpaid", f"{why} There is no fallback for a payment.")
    if twice:
        why = f"{len(twice)} orders were charged more than once, the first of them {twice[0]}."
        return Finding(False, len(twice), "paid_twice", f"{why} A second call needs the Idempotency-Key of the first.")
    return Finding(True, 0, "paid", "Every confirmed order was paid, and none of them twice.")


@check(
    "Who searches gets results",
    needs=("hole", "drip", "slow", "errors", "calm"), at_most=0, unit="answers without results", keeps=0.0,
    hint="Only recommendations are optional. search() returns what the search service answered, or raises.",
)  # fmt: skip
def searched(runs: Mapping[str, Run]) -> Finding:
    """An answered search holds what the search service found, and the search service was asked for it."""
    found = answered_truly(runs)
    if not found.passed:
        return found
    for reason, reading, told in UNTRUE:
        if answers := [(name, r) for name, run in runs.items() for r in reading(run)]:
            name, first = answers[0]
            why = f"the first was {first.request_id}, in {name!r}, at second {first.done:.2f}. Who does not get them raises."
            return Finding(False, len(answers), reason, f"{len(answers)} searches were answered with results {told}: {why}")
    return found


CHECKS = (healthy, page, drip, recovers, stops, calm, recommended, searched, paid)

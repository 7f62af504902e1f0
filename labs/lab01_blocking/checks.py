"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire to the supplier, and in what supplier and probe wrote down.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from labs.kit import Finding, Run, check, stats
from labs.lab01_blocking import signing
from labs.lab01_blocking.readings import (
    FAST,
    FAST_S,
    LINK,
    PROBE,
    SLOW,
    Answer,
    answers,
    during_outage,
    in_time,
    most_at_work,
    p,
    requests,
    times,
    waited,
)
from labs.lab01_blocking.scenarios import (
    HICCUPS_UNTIL_S,
    LAUNCH_FROM_S,
    LAUNCH_UNTIL_S,
    OUTAGE_AT_S,
    SECRET,
    least_s,
    signing_s,
)

FAST_GOAL = 0.95
FAST_UNIT = f"share of health checks within {FAST_S * 1000:.0f} ms"
LAUNCH_S = 1.0
LAUNCH_GOAL = 0.8
PACE_S = 0.75
PACE_GOAL = 0.8
NORMAL_S = 0.25
"""In the normal load. Measured: the reference takes up to 0.12 s; where the pause comes first, the median is 0.31 s."""
ANSWERED_GOAL = 0.9
AT_ONCE_GOAL = 24
FROM_S = 2.0
FIRST_S = 0.1
"""How long the first heavy signature of a run is computed: on the loop nothing else happens then; in a thread, a lot."""
BRIEF_S, BRIEF_GOAL = 0.010, 0.95
"""Health checks while signatures are heavy: right repairs answer all within 3 ms; with a pool of processes for each price,
11 % take longer than 10 ms."""
GIVES_UP_S = 0.5
"""Who asks in so many seconds of the outage has been told no when the run ends, 4 s later; the reference takes 0.81 s."""
KEPT_WITHIN_S = 1.0
"""A view is in the database so long after its answer at the latest."""
FEWEST_ANSWERS = 6
"""Prices the probe must have been given for its gates to say anything."""


# The fast route -----------------------------------------------------------------------------------------------------


def _fast_route(run: Run, reason: str, why: str) -> Finding:
    """Health checks are answered in time while prices are asked for; else the loop is held, for this reason."""
    share = in_time(run, FAST, FAST_S)
    told = f"{share:.1%} of health checks were answered within {FAST_S * 1000:.0f} ms ({p(times(run, FAST), 99)})"
    if share >= FAST_GOAL:
        return Finding(True, share, "unharmed", f"{told}.")
    return Finding(False, share, reason, f"Only {told}: {why}.")


@check(
    "Health checks do not wait for the supplier",
    needs="steady", at_least=FAST_GOAL, unit=FAST_UNIT, points=2,
    hint="Ask the supplier without holding the loop: with an async client, or with the blocking one in a thread.",
)  # fmt: skip
def supplier(run: Run) -> Finding:
    """A slow supplier holds nobody but those who ask for a price."""
    return _fast_route(run, "supplier_holds_loop", "the loop stands still while the supplier is asked")


@check(
    "Nor for the pause between attempts",
    needs="flaky", at_least=FAST_GOAL, unit=FAST_UNIT, points=2,
    hint="time.sleep stops the thread that calls it. On the loop's thread, that is everything.",
)  # fmt: skip
def pause(run: Run) -> Finding:
    """A pause before a second attempt holds nobody else."""
    return _fast_route(run, "pause_holds_loop", "the loop stands still in the pause before a second attempt")


@check(
    "Nor for a locked database",
    needs="import", at_least=FAST_GOAL, unit=FAST_UNIT, points=2,
    hint="sqlite3 waits for a lock inside the call, up to 5 s. A connection belongs to the thread that made it, unless it is"
    " told otherwise: open it in the thread that uses it.",
)  # fmt: skip
def database(run: Run) -> Finding:
    """A locked database holds nobody else."""
    why = "the loop stands still while the database is locked by the importer"
    return _fast_route(run, "database_holds_loop", why)


@check(
    "Nor for signatures",
    needs="signatures", at_least=FAST_GOAL, unit=FAST_UNIT, points=2,
    hint="fold() is plain Python: in a thread it still holds the interpreter lock, 5 ms at a time. stretch() lets it go.",
)  # fmt: skip
def signature(run: Run) -> Finding:
    """A heavy signature holds nobody else."""
    if _first_price_holds_all(run):
        return _fast_route(run, "computing_holds_loop", "the loop waits while signatures are computed")
    why = "signatures are computed in threads, and threads share one interpreter lock"
    return _fast_route(run, "interpreter_lock", why)


def _first_price_holds_all(run: Run) -> bool:
    """Did the very first signature, alone in the page, keep a health check waiting? Then it was computed on the loop."""
    first = requests(run, SLOW)[0].intended
    return any(waited(r) > FAST_S for r in requests(run, FAST, first, first + FIRST_S))


# The slow route -----------------------------------------------------------------------------------------------------


def _failing(run: Run, start: float, end: float | None) -> str:
    """The end of a sentence if most prices of the window came back as errors, else ""."""
    asked = requests(run, SLOW, start, end)
    failed = [r for r in asked if r.done is not None and not r.ok]
    if 2 * len(failed) < len(asked):
        return ""
    return f"{len(failed)} of {len(asked)} were errors; a run of lab.run() names the line that raised."


@check(
    "Prices keep up with the launch",
    needs="launch", at_least=LAUNCH_GOAL, unit=f"share of prices within {LAUNCH_S:g} s", points=3,
    hint="Threads that a pool needs: prices a second, times the seconds each holds a thread. The default pool has"
    " min(32, cores + 4) threads: 6 here.",
)  # fmt: skip
def launch(run: Run) -> Finding:
    """Prices keep up with the launch, once the supplier has restarted."""
    share = in_time(run, SLOW, LAUNCH_S, LAUNCH_FROM_S, LAUNCH_UNTIL_S)
    half = p(times(run, SLOW, LAUNCH_FROM_S, LAUNCH_UNTIL_S), 50)
    told = f"{share:.0%} of the prices asked for between restart and stall came within {LAUNCH_S:g} s ({half})"
    if share >= LAUNCH_GOAL:
        return Finding(True, share, "keeps_up", f"{told}.")
    if reason := _failing(run, LAUNCH_FROM_S, LAUNCH_UNTIL_S):
        return Finding(False, share, "prices_fail", f"Only {told}: {reason}")
    if stats.most_in_flight(run, LINK, LAUNCH_FROM_S, LAUNCH_UNTIL_S) == 0:
        why = "since it refused connections, the supplier is asked no more. What is taken before a request and given back"
        return Finding(False, share, "never_recovers", f"Only {told}: {why} only if it goes well?")
    most = max((stats.in_flight(run, LINK, second / 4) for second in range(int(4 * LAUNCH_UNTIL_S))), default=0)
    if most <= 1:
        why = "the supplier never had more than one request: each price waits for the one before it."
        return Finding(False, share, "one_at_a_time", f"Only {told}: {why}")
    why = f"the supplier never had more than {most} requests at once. How many prices are asked for while one is fetched?"
    return Finding(False, share, "pool_starves", f"Only {told}: {why}")


@check(
    "Prices keep up with heavy signatures",
    needs=("signatures", "steady"), at_least=PACE_GOAL, unit="share of prices in time", points=2,
    hint="12 signatures a second, 0.1 s of plain Python each: more than a second of computing a second. One interpreter"
    " computes one second a second. There are two cores.",
)  # fmt: skip
def pace(runs: Mapping[str, Run]) -> Finding:
    """Prices keep up with heavy signatures, and are as soon as before where nothing is heavy."""
    run = runs["signatures"]
    share = in_time(run, SLOW, PACE_S, FROM_S)
    half = p(times(run, SLOW, FROM_S), 50)
    told = f"{share:.0%} of prices came within {PACE_S:g} s while signatures were heavy ({half})"
    if share >= PACE_GOAL:
        return _normal_pace(runs["steady"], Finding(True, share, "keeps_pace", f"{told}."))
    if reason := _failing(run, FROM_S, None):
        return Finding(False, share, "prices_fail", f"Only {told}: {reason}")
    why = "all signatures together need more than one interpreter can compute."
    return Finding(False, share, "one_interpreter", f"Only {told}: {why}")


def _normal_pace(run: Run, heavy: Finding) -> Finding:
    """The finding under heavy signatures, unless prices come late where signatures are light and the supplier is well."""
    share = in_time(run, SLOW, NORMAL_S)
    if share >= PACE_GOAL:
        return heavy
    if reason := _failing(run, 0.0, None):
        return Finding(False, share, "prices_fail", f"Only {share:.0%} of prices came in the normal load: {reason}")
    told = f"Only {share:.0%} of prices came within {NORMAL_S:g} s in the normal load ({p(times(run, SLOW), 50)})"
    why = "the supplier takes 0.1 s for one. For what else do they wait?"
    return Finding(False, share, "slow_in_normal_load", f"{told}: {why}")


# Gates --------------------------------------------------------------------------------------------------------------


@check(
    "Prices are answered",
    needs=("steady", "import"), at_least=ANSWERED_GOAL, unit="share of prices answered", keeps=0.0,
    hint="Run the scenario it names with your repair: the page logs what quote() raised, with its line.",
)  # fmt: skip
def answered(runs: Mapping[str, Run]) -> Finding:
    """Prices are answered at all, in normal load and while the importer runs."""
    shares = {name: in_time(runs[name], SLOW, inf) for name in ("steady", "import")}
    worst = min(shares, key=lambda name: shares[name])
    message = f"{shares[worst]:.1%} of prices were answered in the scenario {worst!r}."
    passed = shares[worst] >= ANSWERED_GOAL
    return Finding(passed, shares[worst], "answered" if passed else "prices_fail", message)


@check(
    "Single errors stay hidden from customers",
    needs="flaky", at_least=ANSWERED_GOAL, unit="share of prices answered", keeps=0.5,
    hint="The supplier fails three answers in ten. Ask again after a pause, and let the loop go on meanwhile.",
)  # fmt: skip
def hiccups(run: Run) -> Finding:
    """Single errors of the supplier stay hidden from customers; where there is no price, they are told so."""
    share = in_time(run, SLOW, inf, 0.0, HICCUPS_UNTIL_S)
    message = f"Three answers in ten failed at the supplier, and {share:.1%} of prices got through."
    if share < ANSWERED_GOAL:
        return Finding(False, share, "hiccups_shown", message)
    asked = requests(run, SLOW, OUTAGE_AT_S, OUTAGE_AT_S + GIVES_UP_S)
    waiting = sum(price.done is None for price in asked)
    if waiting and in_time(run, FAST, FAST_S) >= FAST_GOAL:  # if the loop is held, another check judges that
        why = f"{waiting} of {len(asked)} customers were still waiting {run.info.seconds - OUTAGE_AT_S:.0f} s later."
        return Finding(False, share, "never_gives_up", f"{message} Then the supplier gave none at all, and {why}")
    return Finding(True, share, "hiccups_hidden", message)


def _unseen(runs: Mapping[str, Run]) -> Finding | None:
    """The finding of a gate that the probe's answers decide, where there are none to decide it."""
    seen = sum(len(answers(run)) for run in runs.values())
    if seen >= FEWEST_ANSWERS:
        return None
    asked = sum(len(run.requests(PROBE)) for run in runs.values())
    told = f"The probe asked for {asked} prices and was given {seen}; {FEWEST_ANSWERS} are needed to tell."
    return Finding(False, FEWEST_ANSWERS - seen, "no_prices_to_see", told)


@check(
    "Prices are fresh, and signed",
    needs=("steady", "signatures", "flaky"), at_most=0, unit="wrong answers", keeps=0.0,
    hint="Each answer needs a price that the supplier named for it, and the signature of that very answer. If the supplier"
    " names none, raise SupplierFailed.",
)  # fmt: skip
def right_answers(runs: Mapping[str, Run]) -> Finding:
    """Each price is what the supplier just said, and is signed."""
    if unseen := _unseen(runs):
        return unseen
    wrong = dict.fromkeys(WRONG, 0)
    for run in runs.values():
        quotes = [(e.subject, int(e.detail), e.time) for e in run.events("quote")]
        for answer in answers(run):
            if kind := _wrong(answer, quotes):
                wrong[kind] += 1
        least = least_s(run.info.scenario)
        prices = [r for r in [*requests(run, SLOW), *run.requests(PROBE)] if r.ok]
        wrong["too_fast"] += sum(r.ok and waited(r) < least for r in requests(run, SLOW))
        wrong["not_computed"] += stats.uncomputed(run, "page", len(prices), signing_s(run.info.scenario))
    wrong["stale_price"] += len(during_outage(runs["flaky"]))
    total = sum(wrong.values())
    if not total:
        return Finding(True, 0, "right", "Every price that the probe was given was the supplier's own, and well signed.")
    first = next(kind for kind in WRONG if wrong[kind])
    return Finding(False, total, first, f"{total} answers were wrong, {wrong[first]} of them because {WRONG[first]}")


# Listed by what they explain: a price that was kept also comes too fast.
WRONG = {
    "malformed": "the body lacks price, views or signature, or one is of another type than broken.py gives.",
    "wrong_signature": "the signature does not fit sku, price and views.",
    "stale_price": "the supplier had not named that price between the question and the answer. Is it an old one, kept?",
    "too_fast": "they came sooner than the supplier and the signature take together.",
    "not_computed": "the page never computed so many signatures with fold() and stretch().",
}


def _wrong(answer: Answer | None, quotes: list[tuple[str, int, float]]) -> str:
    """What is wrong with an answer, "" if nothing is."""
    if answer is None:
        return "malformed"
    if answer.signature != signing.signature(f"{answer.sku} {answer.price} {answer.views}", SECRET):
        return "wrong_signature"
    fresh = (
        p for sku, p, at in quotes if sku == answer.sku and answer.sent - stats.CLOCK_S <= at <= answer.done + stats.CLOCK_S
    )
    return "" if answer.price in fresh else "stale_price"


@check(
    "Every view is counted, once",
    needs=("steady", "launch"), at_most=0, unit="views lost or counted twice", keeps=0.5,
    hint="On the loop, nothing could interrupt _count_view(). In threads it can, and at each await. Let the database add"
    " (update ... returning), or let one thread do all of it in one go.",
)  # fmt: skip
def counted(runs: Mapping[str, Run]) -> Finding:
    """No two customers are told the same number of views, and there are no more views than prices were asked for."""
    if unseen := _unseen(runs):
        return unseen
    lost, example = 0, ""
    for run in runs.values():
        seen: set[tuple[str, int]] = set()
        for answer in answers(run):
            if answer is None:
                continue
            if (answer.sku, answer.views) in seen:
                lost, example = lost + 1, example or f"{answer.sku} was seen for the {answer.views}th time twice"
            seen.add((answer.sku, answer.views))
    if not lost:
        return _counted_once(runs)
    why = "two prices read the same number, and both wrote the next one."
    return Finding(False, lost, "lost_views", f"{lost} views were lost, for example {example}: {why}")


def _counted_once(runs: Mapping[str, Run]) -> Finding:
    """Are there more views in the page's database than prices were asked for? (That it can be read, is for `kept`.)"""
    for name, run in runs.items():
        asked = len(requests(run, SLOW)) + len(run.requests(PROBE))
        views = sum(views for _, views in stats.kept(run, "page")[0] if isinstance(views, int))
        if views > asked:
            told = f"In {name!r}, {asked} prices were asked for, and the database has {views} views: one for each, no more."
            return Finding(False, views - asked, "counted_twice", told)
    return Finding(True, 0, "counted", "Every view was counted, and counted once.")


@check(
    "Health checks are not held up again and again",
    needs="signatures", at_least=BRIEF_GOAL, unit=f"share of health checks within {BRIEF_S * 1000:g} ms", keeps=0.5,
    simulated_only="a busy machine holds up a health check for as long",
    hint="To start a process takes some 10 ms, and to end one 4 ms. Whoever does it in a coroutine holds the loop meanwhile:"
    " start processes once, in start(), and keep them.",
)  # fmt: skip
def brief(run: Run) -> Finding:
    """While signatures are heavy, nothing holds the loop for 10 ms over and over; what holds it longer is `signature`'s."""
    share = in_time(run, FAST, BRIEF_S)
    if in_time(run, FAST, FAST_S) < FAST_GOAL:
        return Finding(True, share, "judged_elsewhere", "The loop is held for longer; another check judges that.")
    told = f"{share:.1%} of health checks were answered within {BRIEF_S * 1000:g} ms while signatures were heavy"
    if share >= BRIEF_GOAL:
        return Finding(True, share, "unharmed", f"{told}.")
    return Finding(False, share, "held_up", f"Only {told}: what does the loop do, or wait for, at each price?")


@check(
    "Views are kept",
    needs=("steady", "launch"), at_most=0, unit="views that are not in the database", keeps=0.5,
    hint="A number that is only in the page's memory is gone when the page is killed. Write it and commit it.",
)  # fmt: skip
def kept(runs: Mapping[str, Run]) -> Finding:
    """Once the page has ended, its database has each view that was told to somebody a second before."""
    gone, example = 0, ""
    for name, run in runs.items():
        rows, problem = stats.kept(run, "page")
        if problem:
            said = f"After the run {name!r} the page's database could not be read: {problem}."
            return Finding(False, 0, "unreadable", said)
        stored = {sku: views for sku, views in rows if isinstance(views, int)}
        until = run.info.seconds - KEPT_WITHIN_S
        told = [(answer.sku, answer.views) for answer in answers(run) if answer is not None and answer.done <= until]
        for sku, views in ((sku, max(v for s, v in told if s == sku)) for sku in {sku for sku, _ in told}):
            if (short := views - stored.get(sku, 0)) > 0:
                gone += short
                example = f"{sku} was told to have {views}, and {stored.get(sku, 0)} are in the database"
    if not gone:
        return Finding(True, 0, "kept", "Every view that was told is in the database.")
    return Finding(False, gone, "not_kept", f"When the page had ended, {gone} views were gone, for example {example}.")


@check(
    f"The supplier has at most {AT_ONCE_GOAL} requests at once",
    needs="launch", at_most=AT_ONCE_GOAL, unit="requests at once", keeps=0.5,
    hint="A stall of two seconds is enough to pile up 36 prices. A pool of threads has a size, an async client a limit.",
)  # fmt: skip
def contract(run: Run) -> Finding:
    """The supplier is not swamped when it stalls, nor when it fails, and not by requests that were given up either."""
    most, at_work = stats.most_in_flight(run, LINK), most_at_work(run)
    if most <= AT_ONCE_GOAL < at_work:
        why = "some of them had been given up by the page, which then asked again."
        message = f"After the stall, the supplier worked on up to {at_work} requests at once: {why}"
        return Finding(False, at_work, "given_up_and_asked_again", message)
    message = f"When the supplier stalled, it had up to {most} requests at once."
    passed = most <= AT_ONCE_GOAL
    return Finding(passed, most, "bounded" if passed else "too_many_at_once", message)


CHECKS = (
    supplier,
    pause,
    database,
    signature,
    pace,
    launch,
    answered,
    right_answers,
    counted,
    kept,
    brief,
    hiccups,
    contract,
)

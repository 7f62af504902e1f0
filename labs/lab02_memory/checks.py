"""What is graded: one function a point. Each reads runs and nothing else.

Memory is what the judge reads of the process that runs the repair; hits are counted on the wire to the store; answers are
compared by the probe. Nothing rests on what the repair says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab02_memory.origins import invented
from labs.lab02_memory.readings import WARM_S, Growth, answered_bytes_s, growth, hit_rate, low_water, peak, rendered_bytes_s
from labs.lab02_memory.scenarios import LEDGER, MB, ROOM_MB, SCENARIOS, STORE_CUT_S, STORE_FAILS_S

KEPT_GOAL = 0.25
VISIT_GOAL = 0.08
"""Measured on five seeds: right repairs keep at most 0.011 in "popular", which is one report that is just being revised, and
0.001 in "busy". There, a name and a visitor that are kept for each visit are 0.11 to 0.13."""
NEARLY = 1.4
"""Up to so many times the room, what is kept is bounded by its size, and the bound too high."""
EACH_VISIT = 1.1
"""Bytes kept for each byte answered from which on renderings alone, fewer than answers, cannot be what is kept."""
PART_GOAL = 0.6
HITS_GOAL = 0.9
ANSWERED_GOAL = 0.98
WELL_AFTER_S = 0.5
"""So long after the store's errors, each visit is answered: three times as long as a fetch takes."""
RIGHT_GOAL = 0.95
RECENT_FROM_S = 10.0
STALE_IN_OUTAGE = 2
"""Right repairs answer nothing older than a revision while the store fails; who answers from before does so each time."""
SENT = "sent to visitors"

# Growth -------------------------------------------------------------------------------------------------------------


def _growth(run: Run, made: Callable[[Run, float], float]) -> Growth:
    start = WARM_S[run.info.scenario]
    return growth(run, start, made(run, start))


def _stays(
    run: Run, made: Callable[[Run, float], float], what: str, reason: str, why: str, goal: float = KEPT_GOAL
) -> Finding:
    """Whether what was made stays in memory; `what`, `reason` and `why` tell what it is, and why it is thought to stay."""
    found = _growth(run, made)
    went = f"the low-water mark went from {found.low_before / MB:.0f} to {found.low_after / MB:.0f} MB"
    told = f"{found.kept:.2f} bytes stayed for each byte {what}: {went}"
    if found.kept <= goal:
        return Finding(True, found.kept, "level", f"{told}.")
    return Finding(False, found.kept, reason, f"{told}{why}")


@check(
    "Reports that nobody asks for again do not stay",
    needs="mixed", at_most=KEPT_GOAL, unit=f"bytes kept for each byte {SENT}", points=3,
    hint="Something must leave the cache when something new comes in, and nothing else may hold what has left it.",
)  # fmt: skip
def reports(run: Run) -> Finding:
    """Half of the visits ask for a report of their own; none of these stays."""
    why = ". Half of the visits ask for a report that nobody asks for again, and memory still grows when the cache should be"
    return _stays(run, answered_bytes_s, SENT, "grows_with_reports", f"{why} full.")


@check(
    "Visits leave nothing behind",
    needs=("popular", "busy"), at_most=VISIT_GOAL, unit=f"bytes kept for each byte {SENT}", points=2,
    hint="HISTORY is a list of the module: it lives as long as the process. What does recent() need of an answer?",
)  # fmt: skip
def history(runs: Mapping[str, Run]) -> Finding:
    """Visits to the same few reports leave nothing behind, be the reports large or small."""
    why = ". The same 24 reports are asked for over and over, and still each visit leaves something behind."
    found = [_stays(run, answered_bytes_s, SENT, "grows_with_visits", why, VISIT_GOAL) for run in runs.values()]
    return next((each for each in found if not each.passed), max(found, key=lambda each: each.measured))


@check(
    "What was revised is given back",
    needs="revisions", at_most=KEPT_GOAL, unit="bytes kept for each byte rendered anew", points=2,
    hint="A function that was made inside another one holds the variables it uses, for as long as somebody holds it.",
)  # fmt: skip
def revisions(run: Run) -> Finding:
    """Renderings that a revision has made worthless do not stay."""
    reason = "grows_with_revisions"
    why = ". Six reports are rendered anew as often as they are revised, and something still holds what is out of date."
    if _growth(run, answered_bytes_s).kept > EACH_VISIT:
        reason = "grows_with_visits"
        why = ", and that is more than what was rendered: here, too, each visit leaves something behind."
    return _stays(run, rendered_bytes_s, "rendered anew", reason, why)


@check(
    "The limit is kept, whatever the size of a report",
    needs=("mixed", "annual"), at_most=1.0, unit="of the room", points=3,
    hint=f"The room is {ROOM_MB:.0f} MB. Count bytes, not pieces, and leave some for what is under way.",
)  # fmt: skip
def limit(runs: Mapping[str, Run]) -> Finding:
    """The service stays inside its limit, also when reports are ten times as large."""
    shares = {name: peak(run) / (ROOM_MB * MB) for name, run in runs.items()}
    worst, share = max(shares.items(), key=lambda pair: pair[1])
    told = f"At most {share * ROOM_MB:.0f} of {ROOM_MB:.0f} MB were held in the scenario {worst!r}"
    if share <= 1:
        return Finding(True, share, "inside", f"{told}.")
    if share <= NEARLY:
        why = "beside what is kept, each answer under way holds a report and a page: with 2 MB each, 20 MB together."
        return Finding(False, share, "too_close", f"{told}: nearly. Keep less: {why}")
    if shares["mixed"] > 1:
        return Finding(False, share, "crosses_limit", f"{told}: a container would have been killed there.")
    why = "reports of 200 KB stay inside, those of 2 MB do not. Is it their number that is bounded?"
    return Finding(False, share, "count_is_no_size", f"{told}: {why}")


@check(
    "A part of the ledger does not cost the whole",
    needs="large", at_most=PART_GOAL, unit="times the ledger", points=3,
    hint="The store understands Range, and an answer can be read in chunks: content.iter_chunked().",
)  # fmt: skip
def part(run: Run) -> Finding:
    """A part of the ledger is answered without holding the whole."""
    whole = SCENARIOS["large"].settings["ledger_mb"] * MB
    share = peak(run) / whole
    told = f"At most {share:.2f} times the size of the ledger was held for parts of {256 / 16_000:.1%} of it"
    if share <= PART_GOAL:
        return Finding(True, share, "streams", f"{told}.")
    end = run.info.seconds
    if low_water(run, end - 2, end) > PART_GOAL * whole:
        return Finding(False, share, "keeps_ledger", f"{told}, and it was never given back.")
    return Finding(False, share, "reads_whole", f"{told}: it is read from beginning to end.")


# Gates --------------------------------------------------------------------------------------------------------------


@check(
    "Visits are answered",
    needs=("mixed", "popular", "busy", "revisions", "annual", "large", "stampede"), at_least=ANSWERED_GOAL,
    unit="share of visits answered", keeps=0.0,
    hint="Run the scenario it names with your repair: the service logs what was raised, with its line.",
)  # fmt: skip
def answered(runs: Mapping[str, Run]) -> Finding:
    """Visits are answered at all, and are answered again once the store is well."""
    well_s = {"stampede": STORE_FAILS_S[1] + WELL_AFTER_S, "busy": STORE_CUT_S[1] + WELL_AFTER_S}
    shares = {name: stats.success_rate(run, well_s.get(name, 0.0)) for name, run in runs.items()}
    worst, share = min(shares.items(), key=lambda pair: pair[1])
    told = f"{share:.1%} of visits were answered in the scenario {worst!r}"
    if share >= ANSWERED_GOAL:
        return Finding(True, share, "answered", f"{told}.")
    if worst in well_s:
        why = f"from {WELL_AFTER_S:g} s after the store's errors on. What is kept of a fetch that failed?"
        return Finding(False, share, "errors_kept", f"Only {told} {why}")
    return Finding(False, share, "visits_fail", f"{told}.")


@check(
    "Answers are right, and fresh",
    needs=("mixed", "revisions", "large", "stampede"), at_least=RIGHT_GOAL,
    unit="share of the probe's answers, and none of them wrong", keeps=0.0,
    hint="After revised(name) returns, no answer may be made from older figures. A range includes its last byte.",
)  # fmt: skip
def right_answers(runs: Mapping[str, Run]) -> Finding:
    """No answer is wrong, and few are older than the last revision: a fetch may be under way at that moment."""
    answers = [event for name, run in runs.items() if name != "stampede" for event in run.events("answer")]
    if not answers:
        return Finding(False, 0.0, "none", "The probe asked for reports and got no answer to look at.")
    seen = [event.detail for event in answers]
    share = seen.count("right") / len(seen)
    if wrong := [event.subject for event in answers if event.detail == "wrong"]:
        what = (
            "the parts of the ledger: are they `size` bytes from `start` on, and not one more?"
            if LEDGER in wrong
            else f"such as {wrong[0]}: not what the store's figures, the options and the visitor's name give."
        )
        return Finding(False, share, "wrong", f"{len(wrong)} of the probe's {len(seen)} answers were wrong, {what}")
    if share >= RIGHT_GOAL:
        if (old := _stale_in_outage(runs["stampede"])) > STALE_IN_OUTAGE:
            why = "while the store failed, and were answered as if nothing had happened. Who waits for an error is told."
            return Finding(False, share, "stale_in_outage", f"{old} answers were older than the last revision {why}")
        return Finding(True, share, "right", f"{share:.0%} of the probe's {len(seen)} answers were right and fresh.")
    reason = max(("stale", "none"), key=seen.count)
    stale = "they were rendered from figures that had been revised before. What does revised() do?"
    why = stale if reason == "stale" else "no answer 200 came."
    return Finding(False, share, reason, f"Only {share:.0%} of the probe's {len(seen)} answers were right: {why}")


def _stale_in_outage(run: Run) -> int:
    begin, end = STORE_FAILS_S
    return sum(event.detail == "stale" and begin <= event.time < end for event in run.events("answer"))


@check(
    "The last 20 answers are listed",
    needs=("popular", "stampede"), at_least=RIGHT_GOAL, unit="share of the lists", keeps=0.5,
    hint="recent() gives 20 names, the latest last. collections.deque(maxlen=20) forgets by itself.",
)  # fmt: skip
def recent(runs: Mapping[str, Run]) -> Finding:
    """The list of recent answers is kept, of answers alone."""
    seen = [event.detail for event in runs["popular"].events("recent") if event.time >= RECENT_FROM_S]
    share = seen.count("right") / len(seen) if seen else 0.0
    if share >= RIGHT_GOAL:
        if noted := [e.subject for e in runs["stampede"].events("recent") if e.detail == "unanswered"]:
            why = "and the store had failed: its visitor got no answer."
            return Finding(False, share, "lists_unanswered", f"The list of recent answers held {noted[0]}, {why}")
        return Finding(True, share, "listed", f"{share:.0%} of the lists held the last 20 answers.")
    reason = max(("short", "missing", "malformed", "none"), key=seen.count)
    return Finding(False, share, reason, f"Only {share:.0%} of the lists of recent answers were right; most: {reason}.")


@check(
    "The cache still helps",
    needs=("mixed", "revisions", "stampede"), at_least=HITS_GOAL, unit="share of popular visits", keeps=0.5,
    hint="Half of the visits ask for 24 popular reports, 4.8 MB together. Throw out what was asked for longest ago.",
)  # fmt: skip
def hits(runs: Mapping[str, Run]) -> Finding:
    """The cache still helps."""
    shares = {name: hit_rate(run, WARM_S[name]) for name, run in runs.items()}
    worst = next((name for name, share in shares.items() if share < HITS_GOAL), min(shares, key=lambda name: shares[name]))
    share = shares[worst]
    told = f"{share:.0%} of the visits to popular reports needed nothing from the store, in the scenario {worst!r}"
    if share >= HITS_GOAL:
        return Finding(True, share, "helps", f"{told}.")
    if worst == "stampede":
        why = "a report that several visitors had missed at once before. Is an entry that replaces another counted twice?"
        return Finding(False, share, "forgets_after_stampede", f"Only {told}: {why}")
    if worst == "revisions":
        why = "six reports, and the cache forgets them. Is the size of what was revised taken off its count?"
        return Finding(False, share, "forgets_after_revisions", f"Only {told}: {why}")
    if share < 0.25:
        return Finding(False, share, "no_cache", f"Only {told}: nothing is kept for the next visitor.")
    why = "popular reports are thrown out together with those that nobody asks for again."
    return Finding(False, share, "popular_thrown_out", f"Only {told}: {why}")


@check(
    "Visitors get what they asked for",
    needs=("mixed", "annual", "revisions", "large"), at_most=0, unit="answers that are none", keeps=0.0,
    hint="A page is printed for one visitor: keep what is the same for all, and never what page() made.",
)  # fmt: skip
def true_answers(runs: Mapping[str, Run]) -> Finding:
    """Each visitor gets a page of his own, with the report that he asked for, and what is in it came from the store."""
    found = answered_truly(runs)
    made_up = [(name, what) for name, run in runs.items() for what in invented(run)]
    if not found.passed or not made_up:
        return found
    name, first = made_up[0]
    told = f"{len(made_up)} answers held what the store had not sent by then. The first was, in {name!r}, {first}."
    return Finding(False, len(made_up), "never_asked", f"{told} What changes at the store is known from it alone.")


CHECKS = (reports, history, revisions, limit, part, answered, true_answers, right_answers, recent, hits)

"""What lab14 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from labs.kit import (
    BROKEN,
    Chart,
    Fix,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    Status,
    action,
    chart,
    edited,
    named,
    results,
    stats,
)
from labs.kit import policies as kit_policies
from labs.lab14_load import figures, readings, versions
from labs.lab14_load.checks import those
from labs.lab14_load.scenarios import trouble

EACH_S, LIVE_S = 1.5, 50.0
PREDICTED = "answers slower than half a second, as six users see them"
HANGS_AT_S, HANGS_S = 7.0, 1.2
WAITS, FLOODS, OPEN = "wrong_users_wait", "wrong_no_pause", "right_phases"
"""Repairs in fixes/ whose load is shown: users who wait and keep their rate, users without a pause, an open load."""
STEPS = (4.0, 8.0, 12.0, 16.0, 20.0, 26.0, 34.0, 45.0)
METHODS = {
    "goodput rises no more": "right_phases",
    "95% confirmed, steps of 2 s": "wrong_ninety_five",
    "no refusal, steps of 7 s": "wrong_first_refusal",
    "goodput, steps of 1 s": "wrong_short_steps",
    "all answers counted, users wait": BROKEN,
}


@action(makes_runs=True)
def verdict(learner: Learner, *names: str, fix: str = "fix", live: bool = False) -> Note | None:
    """What a test says of some versions, and what it asks of them; with `live`, of the same over real HTTP as well."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    jobs = {name: Job(chosen, learner.scenario(name)) for name in names}
    runs = list(learner.records("verdict", jobs, EACH_S).values())
    if live:
        runs += (learner.live_records("verdict", jobs, LIVE_S) or {}).values()
    rows: list[tuple[str, ...]] = [("test", "world", "version", "it says", "requests", "most at once", "seconds")]
    because = []
    for run in runs:
        info = run.info
        if run.status is not Status.PASS:
            rows.append((named(info.fix), info.world, info.scenario, f"not judged: {run.status}", "-", "-", "-"))
            continue
        said = readings.outcome(run)
        did = f"{readings.asked(run)}", f"{stats.most_in_flight(run, readings.LINK)}", f"{readings.took_s(run):.0f}"
        rows.append((named(info.fix), info.world, info.scenario, said.word, *did))
        if said.why:
            because.append(f"{info.scenario}, {info.world}: {said.why}")
    told = "What the test said, and what it did, as seen between tester and gateway:"
    return Note((told,), listed=tuple(because), table=tuple(rows))


@action(makes_runs=True)
def models(learner: Learner) -> Iterator[Note | Chart]:
    """Three load models while payments hangs for a moment: what each of them sends, and how long its answers take."""
    fixes = {"users wait": BROKEN, "users without a pause": FLOODS, "open": OPEN}
    jobs = {name: Job(learner.lab.fix(fix), trouble("hangs", HANGS_AT_S, HANGS_S)) for name, fix in fixes.items()}
    runs = learner.records("models", jobs, EACH_S)
    yield figures.models(runs)
    if predicted := learner.predicted(PREDICTED):
        value = predicted["value"]
        shown = f"{value:g}%" if isinstance(value, int | float) else str(value)
        measured = chart.percent(figures.late(runs["users wait"]))
        head = ("", "you predicted", "measured, users wait")
        yield Note(("The second prediction:",), table=(head, (PREDICTED, shown, measured)))


@action(makes_runs=True)
def spread(learner: Learner, *names: str) -> Note:
    """The times of the broken test's requests, by version: the mean, and the percentiles that the mean hides."""

    def read(run: Run) -> dict[str, str]:
        times = readings.times(run)
        late = sum(seconds > 0.5 for seconds in times) / len(times)
        figures = {f"p{q}": chart.seconds(stats.percentile(times, q)) for q in (50, 90, 95, 99)}
        mean = {"mean": chart.seconds(sum(times) / len(times))}
        return {"requests": f"{len(times):,}", **mean, **figures, "slower than 0.5 s": chart.percent(late)}

    jobs = {name: Job(learner.lab.fix(BROKEN), learner.scenario(name)) for name in names}
    runs = learner.records("verdict", jobs, EACH_S)
    told = "Times of the requests of the broken test, by version:"
    return results.side_by_side(told, list(runs.values()), read, list(names))


@action(makes_runs=True)
def knee(learner: Learner) -> Chart:
    """Confirmed orders a second against those offered, of one shop; and the capacity that five methods state for it."""
    lab, scenario = learner.lab, learner.scenario("middle")
    text = lab.fix(OPEN).source
    old = text[text.index("    await load(town, 6, 3, buys)") : text.index("async def test(town)")]
    steps = {
        rate: Fix(f"{rate:g} a second", edited(text, {old: figures.STEP.format(rate=rate)}, "a step")) for rate in STEPS
    }
    jobs = {fix.name: Job(fix, scenario) for fix in steps.values()}
    jobs |= {name: Job(lab.fix(fix), scenario) for name, fix in METHODS.items()}
    if learner.cell.attempted and (mine := learner.repair()) is not None:
        jobs[kit_policies.YOURS_ROW] = Job(mine, scenario)
    runs = learner.records("knee", jobs, EACH_S)
    curve = [(readings.offered(runs[fix.name], figures.STEP_S), readings.stated(runs[fix.name])) for fix in steps.values()]
    shown = [*METHODS, *([kit_policies.YOURS_ROW] if kit_policies.YOURS_ROW in runs else [])]
    return figures.knee(curve, {name: readings.stated(runs[name]) for name in shown}, readings.truth(runs[shown[0]]))


@action
def regressions(learner: Learner) -> Note:
    """The eighteen changes that were planted, each as a diff with its commit message."""
    rows = [("version", "commit message", "what it changed in shop.py")]
    for name, each in versions.REGRESSIONS.items():
        lines = versions.diff(name)
        rows += [(name, each.message, lines[0]), *(("", "", line) for line in lines[1:])]
    return Note(("Each is the good version with these lines changed:",), table=tuple(rows))


@action(makes_runs=True)
def mutants(learner: Learner, fix: str = "fix") -> Note | None:
    """What a test says of each version: the good ones, and the eighteen regressions."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    names = (*versions.GOOD, *versions.REGRESSIONS)
    runs = learner.records("mutants", {name: Job(chosen, learner.scenario(name)) for name in names}, EACH_S)
    rows: list[tuple[str, ...]] = [("version", "it is", "the test says", "so it", "because", "requests")]
    for name in names:
        said, good = readings.outcome(runs[name]), name in versions.GOOD
        right = said.word == ("pass" if good else "fail")
        so = ("passed" if right else "false alarm") if good else ("killed" if right else "survived")
        about = "good" if good else versions.REGRESSIONS[name].message
        rows.append(
            (
                name,
                about,
                said.word,
                so,
                textwrap.shorten(said.why, 70, placeholder=" ...") or "-",
                f"{readings.asked(runs[name])}",
            )
        )
    killed = sum(readings.killed(runs[name]) for name in versions.REGRESSIONS)
    passed = sum(readings.outcome(runs[name]).word == "pass" for name in versions.GOOD)
    told = f"{named(fix)}: {killed} of {len(versions.REGRESSIONS)} regressions killed, {passed} of 3 good versions passed."
    whole = (
        'Each cause is shortened; lab.verdict("bound") has the whole of what was said of this version, and so of any other.'
    )
    return Note((told[0].upper() + told[1:], whole), table=tuple(rows))


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """The tests that most people write first, and yours, on all versions."""
    fixes = kit_policies.repairs(learner)
    names = (*versions.GOOD, *versions.REGRESSIONS)
    jobs = {(title, name): Job(fix, learner.scenario(name)) for title, fix in fixes.items() for name in names}
    runs = learner.records("policies", jobs, EACH_S)
    kinds = {"above capacity": versions.SURGE, "slow, bad or dead": versions.SLOW, "what is said": versions.SAID}
    rows: list[tuple[str, ...]] = [
        ("test", "good versions passed", *(f"killed: {kind}" for kind in kinds), "requests, most")
    ]
    for title in fixes:
        found = [sum(readings.killed(runs[title, name]) for name in those(shows)) for shows in kinds.values()]
        passed = sum(readings.outcome(runs[title, name]).word == "pass" for name in versions.GOOD)
        most = max(readings.asked(runs[title, name]) for name in names)
        rows.append(
            (
                title,
                f"{passed} of 3",
                *(f"{n} of {len(those(shows))}" for n, shows in zip(found, kinds.values(), strict=True)),
                f"{most}",
            )
        )
    return Note((kit_policies.told(learner),), table=tuple(rows))


@action(makes_runs=True)
def limit(learner: Learner, share: float | None = None) -> Note | None:
    """Try a gate of a team's CI: a release is stopped when the broken test's share of answers 200 falls below `share`."""
    if share is None:
        return Note(("No bound yet: write your own in place of None, and run this cell again.",))
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise LearnerError(f"share={share!r}; expected a number from 0 to 1")
    names = (*versions.GOOD, *versions.REGRESSIONS)
    runs = learner.records("mutants", {name: Job(learner.lab.fix(BROKEN), learner.scenario(name)) for name in names}, EACH_S)
    rows: list[tuple[str, ...]] = [("version", "answered 200", "stopped")]
    for name in names:
        asked = runs[name].requests(readings.LINK)
        good = sum(r.ok for r in asked) / len(asked)
        rows.append((name, chart.percent(good), "yes" if good < share else "no"))
    return Note((f"Stop a release below {share:.0%} answers 200, in the broken test:",), table=tuple(rows))

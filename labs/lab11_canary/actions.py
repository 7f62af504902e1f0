"""What lab11 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

from itertools import pairwise

from labs.kit import (
    Chart,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    action,
    alerts,
    chart,
    named,
    results,
    stats,
)  # fmt: skip
from labs.kit import policies as kit_policies
from labs.lab11_canary import figures, readings, releases, theory
from labs.lab11_canary.checks import FALSE_GOAL, HARMED_GOAL
from labs.lab11_canary.readings import CANARY, STABLE, WINDOW_S
from labs.lab11_canary.scenarios import WATCHED

EACH_S = 8.0
PREDICTED = "good releases stopped"
FIRST_S = 10
VERSIONS = {STABLE: "old", CANARY: "new"}


@action(most_runs=2)
def release(learner: Learner, *runs: Run) -> Chart:
    """Errors of each version, and its share, second by second; two runs side by side."""
    return figures.release(runs, results.heads(runs))


@action
def signals(learner: Learner, run: Run) -> Note:
    """The signals of a run by version, and both together."""
    parts = {"old version": (STABLE,), "new version": (CANARY,), "both together": (STABLE, CANARY)}
    told = f"Signals of the run with {named(run.info.fix)}, scenario {run.info.scenario}:"
    return results.side_by_side(told, list(parts.values()), lambda part: _signals_of(run, part), list(parts))


def _signals_of(run: Run, versions: tuple[str, ...]) -> dict[str, str]:
    early = [failed for at, failed in readings.exchanges(run, *versions) if at < FIRST_S]
    rows = [r for name in versions for r in run.requests(f"router->{name}")]
    users = {s.user for s in readings.served(run) if s.version in versions}
    slow = [r.done - r.sent > 0.25 for r in rows if r.done is not None]
    return {
        "requests": f"{len(rows):,}",
        "users": f"{len(users):,}",
        "failed": chart.percent(sum(r.status >= 500 for r in rows) / len(rows)) if rows else "-",
        f"failed, first {FIRST_S} s": chart.percent(sum(early) / len(early)) if early else "-",
        "slower than 250 ms": chart.percent(sum(slow) / len(slow)) if slow else "-",
    }


@action
def trace(learner: Learner, run: Run) -> Note:
    """The decisions of a run: what the controller answered, and from which line of the repair."""
    head = ("seconds", "answer", "returned from", "errors seen: old", "new", "both", "both, since the start")
    rows: list[tuple[str, ...]] = [head]
    for first, last, answer, line in _stretches(run):
        seen = [chart.percent(_rate(run, first - 1, last, *v)) for v in ((STABLE,), (CANARY,), (STABLE, CANARY))]
        seen.append(chart.percent(_rate(run, 0, last, STABLE, CANARY)))
        rows.append((f"{first} to {last}" if first < last else f"{first}", answer, line, *seen))
    told = f"What {named(run.info.fix)} answered, once a second, and what there was to see meanwhile:"
    return Note((told,), table=tuple(rows))


def _stretches(run: Run) -> list[tuple[int, int, str, str]]:
    """Equal answers in a row: first and last second, answer, line."""
    found: list[tuple[int, int, str, str]] = []
    for log, fields in stats.logged(run, "controller", "decided"):
        second, answer, line = round(log.time), str(fields["answer"]), f"fix.py:{fields['line']}"
        if found and found[-1][2:] == (answer, line):
            found[-1] = (found[-1][0], second, answer, line)
        else:
            found.append((second, second, answer, line))
    return found


def _rate(run: Run, start: float, end: float, *versions: str) -> float:
    some = [failed for at, failed in readings.exchanges(run, *versions) if start <= at < end]
    return sum(some) / len(some) if some else 0.0


@action
def visits(learner: Learner, run: Run, of: str | None = None) -> Note:
    """The users who changed versions most often, and which version each of their requests got. `of`: all requests of one
    user, named by its id, or by that of a request."""
    rows = readings.served(run)
    if of is not None:
        found = {one.user for one in rows if of in (one.user, one.request)}
        if not found:
            raise LearnerError(f"no user and no request {of!r} in this run; lab.requests() lists requests")
        return _visits_of(run, found.pop())
    seen: dict[str, list[str]] = {}
    for one in rows:
        seen.setdefault(one.user, []).append(VERSIONS[one.version])
    changes = {user: sum(a != b for a, b in pairwise(got)) for user, got in seen.items()}
    most = sorted(changes, key=lambda user: -changes[user])[:5]
    back = sum("new" in got and "old" in got[got.index("new") :] for got in seen.values())
    table = [("user", "changes", "versions, request by request"), *((u, f"{changes[u]}", ", ".join(seen[u])) for u in most)]
    return Note((f"{back} of {len(seen)} users came back to the old version after the new one.",), table=tuple(table))


def _visits_of(run: Run, user: str) -> Note:
    share = readings.share_at(run)
    rows: list[tuple[str, ...]] = [("second", "request", "share of the new version", "version", "its answer")]
    for one, status in readings.visits(run, user):
        at = chart.percent(share(one.time))
        rows.append((f"{one.time:.2f}", one.request, at, VERSIONS[one.version], str(status or "none")))
    return Note((f"All requests of {user}:",), table=tuple(rows))


@action(makes_runs=True)
def tests(learner: Learner) -> Note:
    """Tests that people write, on thousands of releases with ten requests a second, of which 1 % or 5 % fail."""
    rows = [("test", "good stopped", "bad caught", "median second of the caught")]
    for name, (test, requests) in theory.TESTS.items():
        found = theory.measure(test, requests)
        rows.append((name, f"{found.false:.1%}", f"{found.caught:.1%}", f"{found.median_s:.0f}"))
    said = learner.predicted(PREDICTED)
    told = f"{theory.RELEASES:,} good releases (1 % of requests fail) and as many bad ones (5 %), {theory.SECONDS} s each."
    return Note((told, *((f"You predicted for the first row: {results.said(said)}.",) if said else ())), table=tuple(rows))


@action(makes_runs=True)
def fleet(learner: Learner, fix: str = "fix") -> Note | None:
    """What becomes of thousands of releases of eleven kinds with this repair."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    run = learner.records("fleet", {fix: Job(chosen, learner.scenario("fleet"))}, EACH_S)[fix]
    head = ("kind", "releases", "let out", "halted", "rolled back", "undecided", "median second of the stop", "harmed, mean")
    rows: list[tuple[str, ...]] = [head]
    for kind, ended in readings.fleet(run).items():
        outcomes = (ended.releases, ended.promoted, ended.halted, ended.rolled_back, ended.undecided)
        at = f"{ended.stopped_s:.0f}" if ended.stopped else "-"
        rows.append((kind, *map(str, outcomes), at, f"{ended.harmed / ended.releases:.0f}"))
    broke = "" if len(rows) > 1 else " The controller gave no answers: lab.run(scenario='fleet') names the line."
    return Note((f"Releases of each kind with {named(fix)}; users harmed by one release.{broke}",), table=tuple(rows))


def _fleets(learner: Learner) -> dict[str, Run]:
    fixes = kit_policies.repairs(learner)
    return learner.records("policies", {name: Job(fix, learner.scenario("fleet")) for name, fix in fixes.items()}, EACH_S)


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """The controllers that most people try first, and yours, on the fleet of releases."""
    rows: list[tuple[str, ...]] = [
        ("controller", "good stopped", "bad caught", "missed most", "harmed by a bad one, mean", "good ones out")
    ]
    for name, run in _fleets(learner).items():
        good, bad = readings.good(run), readings.bad(run)
        if good is None or bad is None:
            rows.append((name, "no answers", "-", "-", "-", "-"))
            continue
        each = readings.fleet(run)
        missed = max(releases.BAD_KINDS, key=lambda kind: each[kind].releases - each[kind].stopped)
        shares = [chart.percent(n / d.releases) for n, d in ((good.stopped, good), (bad.stopped, bad))]
        most = missed if each[missed].stopped < each[missed].releases else "-"
        out = chart.percent(good.promoted / good.releases)
        rows.append((name, *shares, most, f"{bad.harmed / bad.releases:.0f} users", out))
    return Note((kit_policies.told(learner),), table=tuple(rows))


@action(makes_runs=True)
def plane(learner: Learner) -> Chart:
    """The same controllers as points: good releases stopped against users harmed, beside Wald's bound."""
    ended = {name: (readings.good(run), readings.bad(run)) for name, run in _fleets(learner).items()}
    points = {name: (good, bad) for name, (good, bad) in ended.items() if good is not None and bad is not None}
    return figures.plane(points, kit_policies.YOURS_ROW, (FALSE_GOAL, HARMED_GOAL))


@action(makes_runs=True)
def alert(learner: Learner, times: float | None = None, for_s: float = 3) -> None:
    """Try an alert rule: it fires when the new version's error rate is above `times` that of the old one for `for_s` s."""
    if not alerts.written(times, for_s, "a number of times the old version's error rate", least=1):
        return
    cases = alerts.cases(learner, WATCHED)
    told = (
        f"Page when, over {WINDOW_S} s, the new version fails above {times:g} times as often as the old one,"
        f" for {for_s:g} s:"
    )
    alerts.try_rule(learner, told, cases, lambda run: readings.fires_at(run, times, for_s), 3.0)

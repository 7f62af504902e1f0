"""What lab13 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

from labs.kit import BROKEN, Chart, Job, Learner, LearnerError, Note, Run, action, alerts, chart, named, results, stats
from labs.kit import policies as kit_policies
from labs.lab13_hazards import course, figures, readings
from labs.lab13_hazards.plan import PLAN
from labs.lab13_hazards.scenarios import WATCHED, reading
from labs.lab13_hazards.town_actions import books, both_evenings, evening, given, signs
from labs.lab13_hazards.twins import CODES, PAIRS, PLAIN

__all__ = ("books", "both_evenings", "evening", "given", "signs")
EACH_S = 6.0
SHOWN = 6
"""So many twins are shown at once."""


@action(most_runs=2)
def twins(learner: Learner, *runs: Run) -> Chart:
    """What each rule found of the twins that are judged, and how much of it was true."""
    return figures.kinds(runs, results.heads(runs))


@action
def examples(learner: Learner, run: Run) -> None:
    """One pair for practice of each rule, a wrong one if there is one, as a diff; what the linter said to its halves."""
    practice = [v for v in readings.verdicts(run) if PAIRS[v.pair].practice]
    shown = {PAIRS[v.pair].code: v.pair for v in sorted(practice, key=lambda v: (not v.right, -v.pair))}
    for code in CODES:
        _show(run, shown[code])


@action
def misses(learner: Learner, run: Run) -> Note:
    """The pairs for practice that the linter got wrong, as diffs."""
    practice = {v.pair for v in readings.verdicts(run) if PAIRS[v.pair].practice}
    wrong = {v.pair for v in readings.verdicts(run) if v.pair in practice and not v.right}
    for pair in sorted(wrong)[:SHOWN]:
        _show(run, pair)
    more = f"; the first {SHOWN} are shown" if len(wrong) > SHOWN else ""
    return Note((f"{len(wrong)} of {len(practice)} pairs for practice are wrong with {named(run.info.fix)}{more}.",))


def _show(run: Run, pair: int) -> None:
    one = PAIRS[pair]
    print(f"{one.code}, {one.about}   (- hazard, + mended)")
    print("\n".join(f"    {line}" for line in one.diff.split("\n")))
    for v in readings.verdicts(run):
        if v.pair == pair:
            half = "hazard" if v.bad else "mended"
            said = f"a finding, from fix.py:{v.came_from}" if v.found else "no finding"
            print(f"  {half:7} {v.variant:8} {said:32}{'' if v.right else 'WRONG'}")
    print()


@action
def trace(learner: Learner, run: Run) -> Note:
    """From which lines of the repair the wrong findings came: on mended twins, alone in a module."""
    rows: list[tuple[str, ...]] = [("rule", "line of the repair", "mended twins reported", "for example", "reported line")]
    lines = learner.lab.fix(BROKEN).source.split("\n") if run.info.fix == BROKEN else []
    wrong = [v for v in readings.verdicts(run) if not v.bad and v.found and v.variant == PLAIN]
    for came_from in sorted({v.came_from for v in wrong}):
        mine = [v for v in wrong if v.came_from == came_from]
        first = PAIRS[mine[0].pair]
        told = lines[came_from - 2].strip() if 2 <= came_from <= len(lines) + 1 else ""
        where = f"fix.py:{came_from}" + f"  {told}" * bool(told)
        rows.append((first.code, where, f"{len(mine)}", first.about, first.good.split("\n")[mine[0].line - 1].strip()))
    return Note((f"Findings of {named(run.info.fix)} on mended twins, each alone in its module:",), table=tuple(rows))


@action
def own_code(learner: Learner, run: Run) -> Note:
    """The findings in the course's own code: of each file, the labelled hazards, those found, and other findings."""
    rows: list[tuple[str, ...]] = [("file", "labelled hazards", "found", "undecided", "other findings", "the first of them")]
    found, sources = readings.labelled(run), course.files()
    for path, source in sources.items():
        met = [label for label in found.met if label.path == path]
        missed = [label for label in found.missed if label.path == path]
        false = [(code, line) for other, code, line in found.false if other == path]
        hard = sum(other == path for other, _, _ in found.hard)
        code, line = false[0] if false else ("", 0)
        first = f"{code} line {line}: {source.split(chr(10))[line - 1].strip()[:56]}" if false else ""
        if met or missed or false or hard:
            counts = (len(met) + len(missed), len(met), hard, len(false))
            rows.append((f"lab{path}", *(f"{count}" for count in counts), first))
    score = found.score
    told = f"{score.caught} of {score.hazards} labelled hazards found; {score.false} other findings: {named(run.info.fix)}."
    missed_lines = tuple(f"lab{m.path}, {m.code}: {m.lines[0]} ({m.why})" for m in found.missed)
    return Note((told, "Not found:" if missed_lines else "All were found."), listed=missed_lines, table=tuple(rows))


@action
def changes(learner: Learner, run: Run) -> Note:
    """What the gate did with each change."""
    rows: list[tuple[str, ...]] = [("change", "brings", "stopped for", "right?")]
    for one in readings.gated(run):
        brings = f"{one.brings[2]} in {one.brings[0]}" if one.brings else "nothing"
        stopped = one.error or ", ".join(f"{code} in {path}" for path, _, code in one.stops) or "-"
        rows.append((one.name, brings, stopped, "yes" if one.right else "no"))
    return Note((f"The gate of {named(run.info.fix)}:",), table=tuple(rows))


@action
def clauses(learner: Learner, run: Run) -> Note:
    """The clauses of the rules, and which of them hold: the hazard is found, and its mended twin is not reported."""
    rows: list[tuple[str, ...]] = [("rule", "clause", "hazard", "mended")]
    found = readings.clauses(run)
    for pair, caught, cried in found:
        rows.append((pair.code, pair.about, "found" if caught else "not found", "reported" if cried else "quiet"))
    held = sum(caught and not cried for _, caught, cried in found)
    return Note((f"{held} of {len(found)} clauses hold with {named(run.info.fix)}.",), table=tuple(rows))


@action
def same(learner: Learner, simulated: Run, live: Run | None) -> Note:
    """What the linter answered in both worlds, laid over each other."""
    if live is None:
        return Note(("Nothing to compare: the live run has not taken place.",))
    rows: list[tuple[str, ...]] = [("what was asked", "answers, simulated", "answers, live", "that differ")]
    for kind, told in (("piece", "snippets"), ("course", "files of the course"), ("change", "changes")):
        both = [{(e.subject, e.detail) for e in run.events(kind)} for run in (simulated, live)]
        rows.append((told, *(f"{len(run.events(kind))}" for run in (simulated, live)), f"{len(both[0] ^ both[1])}"))
    waits = [f"{1000 * stats.percentile(stats.latencies(run), 50):.2g} ms" for run in (simulated, live)]
    return Note(
        (f"Half of the editors' requests were answered within {waits[0]} simulated, {waits[1]} live.",), table=tuple(rows)
    )


@action(makes_runs=True)
def undecided(learner: Learner, fix: str = "fix") -> Note | None:
    """What the rules find in a right repair and in a wrong one that changes a number in it."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    sources = course.pairs()
    run = learner.records("undecided", {fix: Job(chosen, reading(sources))}, 2.0)[fix]
    found = readings.in_course(run)
    rows: list[tuple[str, ...]] = [("lab", "right repair", "its findings", "wrong repair", "its findings", "what differs")]
    for number, (right, wrong) in course.PAIRS.items():
        a, b = (sources[f"{number} {stem}"].split("\n") for stem in (right, wrong))
        differs = "; ".join(
            f"{x.split('#')[0].strip()} -> {y.split('#')[0].strip()}" for x, y in zip(a, b, strict=True) if x != y
        )
        told = [
            ", ".join(f"{code} line {line}" for code, line in found.get(f"{number} {s}", [])) or "-" for s in (right, wrong)
        ]
        rows.append((f"lab{number}", right, told[0], wrong, told[1], differs))
    return Note((f"Findings of {named(fix)} in repairs of other labs:",), table=tuple(rows))


@action
def plan(learner: Learner) -> None:
    """The plan, sentence by sentence."""
    for number, sentence in enumerate(PLAN, 1):
        print(f"{number:2}. {sentence.text}")


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """The linters that most people try first, and yours, on the twins, the course's own code and the changes."""
    rows: list[tuple[str, ...]] = [
        ("linter", "hazards found", "worst rule", "findings that are true", "in the course", "changes treated rightly")
    ]
    for name, run in _reviews(learner).items():
        score, labelled, gated = readings.of_twins(run), readings.labelled(run).score, readings.gated(run)
        worst = min(CODES, key=lambda code: readings.recall(run, code))
        recall = readings.recall(run, worst)
        right = f"{sum(one.right for one in gated)} of {len(gated)}"
        shares = [chart.percent(s.precision) if s.caught + s.false else "-" for s in (score, labelled)]
        rows.append((name, chart.percent(score.recall), f"{worst}: {chart.percent(recall)}", *shares, right))
    return Note((kit_policies.told(learner),), table=tuple(rows))


@action(makes_runs=True)
def plane(learner: Learner) -> Chart:
    """The same linters as points: hazards found by the worst rule against findings that are true."""
    places = {
        name: (min(readings.recall(run, code) for code in CODES), readings.precision(run))
        for name, run in _reviews(learner).items()
    }
    return figures.plane(places, kit_policies.YOURS_ROW)


def _reviews(learner: Learner) -> dict[str, Run]:
    fixes = kit_policies.repairs(learner)
    return learner.records("policies", {name: Job(fix, learner.scenario("review")) for name, fix in fixes.items()}, EACH_S)


@action
def snippets(learner: Learner, run: Run, code: str, found: bool | None = None) -> Note:
    """The snippets of a run in "renamed" for one rule, by name; `found=False` lists those in which it found nothing."""
    if code not in CODES:
        raise LearnerError(f"there is no rule {code!r}; the rules are {', '.join(CODES)}")
    rows: list[tuple[str, ...]] = [("snippet", "what the linter said")]
    for one in _written(run).values():
        if one.code == code and found in (None, bool(one.lines)):
            where = ", ".join(f"{line}" for line in one.lines)
            rows.append((one.name, f"a finding in line {where}" if where else "no finding"))
    told = f"{len(rows) - 1} snippets for {code}, of {named(run.info.fix)}, seed {run.info.seed}. Some are hazards."
    return Note((told,), table=tuple(rows))


@action
def snippet(learner: Learner, run: Run, name: str) -> None:
    """The source of one snippet, with its lines' numbers, and what the linter said of it."""
    found = _written(run)
    if name not in found:
        raise LearnerError(f'this run has no snippet {name!r}; lab.snippets(run, "BF101") lists their names')
    one = found[name]
    print(f"{one.name}, {one.code}")
    for number, line in enumerate(one.source.rstrip("\n").split("\n"), 1):
        print(f"{number:4}  {line}{'     <- a finding' if number in one.lines else ''}")
    print("" if one.lines else "      no finding")


def _written(run: Run) -> dict[str, readings.Snippet]:
    written = readings.snippets(run)
    if not written:
        raise LearnerError(f'the run is one in {run.info.scenario!r}; snippets are in one of lab.own(seed, "renamed")')
    return written


@action(makes_runs=True)
def alert(learner: Learner, slower_ms: float | None = None, for_s: float = 1) -> None:
    """Try an alert rule: it fires when an answer takes longer than `slower_ms` in each of `for_s` seconds."""
    if not alerts.written(slower_ms, for_s, "a number of milliseconds", least=1):
        return
    cases = alerts.cases(learner, WATCHED)
    told = f"Page when an answer of the linter takes longer than {slower_ms:g} ms, {for_s:g} s in a row:"
    alerts.try_rule(
        learner, told, cases, lambda run: readings.fires_at(run, slower_ms, for_s), 3.0, ("longest wait", _longest)
    )


def _longest(run: Run) -> str:
    return f"{1000 * max(readings.waits(run).values()):.0f} ms"

"""The learner's verdicts on the repair cell: each text of the cell is evaluated once; later checks read the result."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path

from labs.kit.judging import diagnosis, evaluate
from labs.kit.judging.evidence import NoRecord, own_records
from labs.kit.model.lab import Fix, Lab, UnknownName
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED, Status, Verdict
from labs.kit.notebook.progress import Progress, as_verdict
from labs.kit.notebook.progress_bar import Throttled
from labs.kit.notebook.repair_cell import RepairCell
from labs.kit.notebook.workspace import Workspace, write_atomic
from labs.kit.worlds.fingerprint import digest, verdict_fingerprint

SEEDS = (0, 1, 2)
"""The seeds of the learner's own checks; the autograder has other seeds."""

LIVE_START_S = 6.0
"""The extra real time of a live run: starting and ending its processes."""

OWN_RUN_S = 6.0
"""The real time of one run for the evidence of a diagnosis, an estimate until one was measured here."""

DIAGNOSIS = "diagnosis"
DIAGNOSIS_FILE, RUNBOOK_FILE = "diagnosis.txt", "runbook.md"
"""The texts of the `%%diagnosis` and `%%runbook` cells that were run last, in the hidden folder: a new kernel reads them."""
NOTED = "answer_noted"
"""The reason in a verdict on a well-formed answer that must not be judged yet."""

WHEN_KNOWN = "Right or wrong is told once a repair of yours, other than the broken code, has been checked."
KNOWN_NOW = 'lab.check("diagnosis") tells whether it is right.'

Waiting = Callable[[str, str, float], AbstractContextManager[Throttled]]
"""A function of (key, label, estimate in seconds) that returns a progress bar."""


class Checking:
    """The verdicts on one open notebook's repair and diagnosis."""

    def __init__(self, lab: Lab, cell: RepairCell, progress: Progress, waiting: Waiting) -> None:
        self.lab = lab
        self.cell = cell
        self.progress = progress
        self.waiting = waiting
        self.caches: dict[str, VerdictCache] = {}
        """By the parts of the lab's checks: each is judged by itself, once it is asked for."""
        self.own_runs: dict[tuple[str, int], Run] = {}
        """The runs on which evidence was judged, by scenario and seed."""
        self.diagnosis_text = progress.workspace.noted(DIAGNOSIS_FILE)
        self.unsettled: tuple[str, list[Verdict]] = ("", [])  # a repair, and its verdicts that failed because of the machine
        self.told: set[str] = set()  # the checks that have shown such a verdict

    def verdict(self, name: str) -> Verdict:
        """The verdict of the check called `name`, or of the diagnosis. Raises UnknownName."""
        if name == DIAGNOSIS:
            return self.on_diagnosis()
        names = [check.name for check in self.lab.checks]
        if name not in names:
            raise UnknownName("check", name, [*names, DIAGNOSIS])
        return next(verdict for verdict in self.on_repair(name) if verdict.check == name)

    def judged(self, name: str) -> str:
        """Which version of the repair a verdict is about, in words; "" for the diagnosis, and where none was judged."""
        if name == DIAGNOSIS or not self.cell.attempted:
            return ""
        number = next((v.number for v in self.cell.workspace.versions() if v.source == self.cell.judged), None)
        version = f"version {number} of your repair" if number else "your repair"
        part = next((check.part for check in self.lab.checks if check.name == name), "")
        return f"Judged: {version}, the {'%%runbook' if part else '%%fix'} cell as it was last run."

    def kept(self, source: str) -> list[Verdict]:
        """The verdicts that are kept on a saved version of the repair: of the parts that were judged."""
        parts = dict.fromkeys(check.part for check in self.lab.checks)
        found = (self._cache(part).get(self.cell.part(source, part), SEEDS) for part in parts)
        return [verdict for verdicts in found for verdict in verdicts or ()]

    def _cache(self, part: str) -> VerdictCache:
        cache = self.caches.setdefault(part, VerdictCache(self.progress.workspace, self.lab))
        cache.lab = replace(self.lab, checks=tuple(check for check in self.lab.checks if check.part == part))
        return cache

    def on_repair(self, asked: str) -> list[Verdict]:
        """One verdict per check of the same part as the check `asked`, on the present repair cell.

        If the measurement failed and not the repair, a second request for the same check measures again; the other checks
        of the same Run All read the failed measurement, because otherwise each of them would wait again.
        """
        part = self.lab.check(asked).part
        cache, fix = self._cache(part), self.cell.part(self.cell.judged, part)
        untouched = evaluate.not_attempted(cache.lab)
        if not self.cell.begun:
            return [replace(v, message="Nothing to judge yet: run the repair cell (%%fix) first.") for v in untouched]
        if not evaluate.attempted(self.lab, fix.source):
            return untouched
        if self.cell.blocked and not part:
            first = next(told for told, problem in zip(self.cell.told(), self.cell.problems, strict=True) if problem.blocks)
            message = f"The repair cannot run: {first}"
            return [replace(v, status=Status.CRASHED, message=message, reason=str(Status.CRASHED)) for v in untouched]
        if self.lab.judged_live and os.environ.get("BREAKFIX_LIVE") == "off":
            return [replace(v, message="Not judged: that takes live runs, and BREAKFIX_LIVE=off.") for v in untouched]
        found = cache.get(fix, SEEDS)
        if found is None and self.unsettled[0] == fix.sha and asked not in self.told:
            found = self.unsettled[1]
        elif found is None:
            found = self._evaluate(fix, cache)
            self.unsettled, self.told = (fix.sha, found), set()
        self.told.add(asked)
        if fix.sha not in cache.recorded and not {v.status for v in found} & set(REPEATED):
            self.progress.change(lambda state: state.record_attempt(fix.sha, found))
            cache.recorded.add(fix.sha)
        return found

    def _evaluate(self, fix: Fix, cache: VerdictCache) -> list[Verdict]:
        lab = cache.lab
        scenarios = {name: lab.scenario(name) for check in lab.checks for name in check.needs}
        live = [s.seconds + LIVE_START_S for name, s in scenarios.items() if lab.graded_in(name) == "live"]
        simulated = [s.seconds for name, s in scenarios.items() if lab.graded_in(name) != "live"]
        parts = [f"{len(simulated)} scenarios on {len(SEEDS)} seeds"] if simulated else []
        parts += [f"{len(live)} live scenarios"] if live else []
        estimate = 0.1 * len(SEEDS) * sum(simulated) + sum(live)
        with self.waiting("check", f"Judging your repair, {', '.join(parts)}", estimate) as bar:
            verdicts = evaluate.evaluate(lab, fix, SEEDS, progress=bar.update)
        cache.put(fix, SEEDS, verdicts)
        return verdicts

    def on_diagnosis(self) -> Verdict:
        """Judge the form of the answer at once, and its content only after a repair has been judged."""
        asked, text = self.lab.diagnosis, self.diagnosis_text
        judged = diagnosis.judge_diagnosis(asked, text, tell_why=False)  # without the runs: only the form counts so far
        untold = replace(judged, status=Status.NOT_ATTEMPTED, points=0.0, measured=None, hint="")
        if judged.status is Status.NOT_ATTEMPTED:
            return replace(untold, message="No answer yet: fill in the %%diagnosis cell and run it.")
        if wrong := diagnosis.form(asked, text):
            missing = diagnosis.unanswered(asked, text)
            left = [f"Not answered yet: {', '.join(missing)}."] if missing else []
            return replace(untold, message=" ".join(["The form is not right yet:", *wrong, *left]), reason="form")
        if not self.progress.read().attempts:
            missing = diagnosis.unanswered(asked, text)
            noted = f"Not answered yet: {', '.join(missing)}." if missing else "The form is right."
            return replace(untold, message=f"{noted} {WHEN_KNOWN}", reason=NOTED)
        try:
            judged = diagnosis.judge_diagnosis(asked, text, self._own_runs, tell_why=False)
        except NoRecord as error:
            return replace(untold, status=Status.INFRA_ERROR, message=f"Not judged, run this cell again: {error}")
        self.progress.change(lambda state: state.diagnosis.update(asdict(judged)))
        return judged

    def _own_runs(self, scenarios: Sequence[str], seed: int) -> Mapping[str, Run]:
        missing = [name for name in scenarios if (name, seed) not in self.own_runs]
        if missing:
            told = f"Your own record, {len(missing)} runs"
            with self.waiting(f"own record {len(missing)}", told, OWN_RUN_S * len(missing)) as bar:
                made = own_records(self.lab, missing, seed, bar.update)
            self.own_runs |= {(name, seed): run for name, run in made.items()}
        return {name: self.own_runs[name, seed] for name in scenarios}


class VerdictCache:
    """A cache of verdicts. Its keys hold all that a verdict depends on: the repair, the seeds and `verdict_fingerprint`.

    A file that cannot be read counts as absent: another evaluation costs seconds, a wrong verdict could cost points.
    """

    def __init__(self, workspace: Workspace, lab: Lab) -> None:
        self.folder = workspace.verdicts_folder
        self.lab = lab
        self.seen: dict[str, list[Verdict]] = {}
        self.recorded: set[str] = set()  # the repairs whose verdicts are in the progress

    def get(self, fix: Fix, seeds: Sequence[int]) -> list[Verdict] | None:
        """The verdicts on a repair, or None if it is not evaluated yet."""
        key = self._key(fix, seeds)
        if key not in self.seen:
            try:
                found = [as_verdict(row) for row in json.loads(self._file(key).read_bytes())]
            except (OSError, ValueError, TypeError):
                return None
            if [v.check for v in found] != [check.name for check in self.lab.checks]:
                return None
            self.seen[key] = found
        return self.seen[key]

    def put(self, fix: Fix, seeds: Sequence[int], verdicts: Sequence[Verdict]) -> None:
        """Keep verdicts, unless one says nothing about the repair; verdicts with a hang are kept only for this session."""
        statuses = {v.status for v in verdicts}
        if statuses & set(REPEATED):
            return
        key = self._key(fix, seeds)
        self.seen[key] = list(verdicts)
        if Status.HUNG not in statuses:  # on a busy machine a slow repair can look like one that hangs
            write_atomic(self._file(key), json.dumps([asdict(v) for v in verdicts], indent=1))

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _key(self, fix: Fix, seeds: Sequence[int]) -> str:
        return digest(verdict_fingerprint(self.lab, fix.source), repr(tuple(seeds)))[:32]

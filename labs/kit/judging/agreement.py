"""Do both worlds reach the same verdicts on a repair? One run per scenario and world, judged by the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labs.kit.judging.evaluate import TRIES, judge_runs
from labs.kit.measure import stats
from labs.kit.model.lab import Check, Fix, Lab
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED, Status, Verdict
from labs.kit.worlds import run

PARTED = 0.25
"""The worlds part where their shares of requests answered in one second differ by more than this."""
PARTED_FOR = 2
"""The number of seconds on end for which they must differ."""

Told = Callable[[str, float, float], None]
"""Called with (name of the present run, its seconds done, its seconds in all)."""


@dataclass(frozen=True)
class Both:
    """One check's verdict in each world."""

    check: str
    simulated: Verdict
    live: Verdict

    @property
    def agree(self) -> bool | None:
        """Is the outcome the same? None if the live measurement was bad, or the simulated world cannot run the repair."""
        if self.live.status in REPEATED or self.simulated.status in (*REPEATED, Status.UNSUPPORTED):
            return None
        return (self.simulated.status is Status.PASS) == (self.live.status is Status.PASS)


@dataclass(frozen=True)
class Comparison:
    """Both worlds' runs and verdicts on one repair and one seed."""

    lab: Lab
    fix: Fix
    seed: int
    runs: dict[str, tuple[Run, Run]]  # scenario -> (simulated, live)
    checks: tuple[Both, ...]

    @property
    def differ(self) -> list[Both]:
        """The checks on which the worlds disagree."""
        return [both for both in self.checks if both.agree is False]


def compared(lab: Lab) -> list[Check]:
    """The checks that the simulated world grades and that live runs can show as well.

    A lab that is judged by live runs has none: there no simulated run stands for a live one.
    """
    return [check for check in lab.checks if check.world == "simulated" and not check.simulated_only]


def compare(
    lab: Lab, fix: Fix, seed: int = 0, scenarios: Sequence[str] | None = None, told: Told = lambda what, done, of: None
) -> Comparison:
    """Run a repair in both worlds and judge it in both.

    Only checks that the simulated world grades are compared, and only if all of their scenarios are run. In these live runs,
    as in the simulated world, no service is killed at a memory limit: the memory that it held is judged.

    Args:
        scenarios: the names of the scenarios to run; by default all that those checks need.

    Raises:
        UnknownName: there is no such scenario.
    """
    simulated_checks = compared(lab)
    wanted = list(scenarios or dict.fromkeys(name for check in simulated_checks for name in check.needs))
    for name in wanted:
        lab.scenario(name)
    runs = {name: _both(lab, fix, name, seed, told) for name in wanted}
    chosen = [check for check in simulated_checks if set(check.needs) <= set(wanted)]
    return Comparison(lab, fix, seed, runs, tuple(_judged(lab, check, runs, seed) for check in chosen))


def _both(lab: Lab, fix: Fix, name: str, seed: int, told: Told) -> tuple[Run, Run]:
    simulated = run.run(lab, fix, "simulated", name, seed, lambda done, of: told(f"{name}, simulated", done, of))
    unlimited = replace(lab, services=tuple(replace(service, memory_limit_mb=0.0) for service in lab.services))
    for _ in range(TRIES):
        live = run.run(unlimited, fix, "live", name, seed, lambda done, of: told(f"{name}, live", done, of))
        if live.status not in REPEATED:
            break
    return simulated, live


def _judged(lab: Lab, check: Check, runs: dict[str, tuple[Run, Run]], seed: int) -> Both:
    verdicts = []
    for world in (0, 1):
        done = {(name, seed): pair[world] for name, pair in runs.items()}
        verdicts.append(judge_runs(_only(lab, check), done, [seed])[0])
    return Both(check.name, verdicts[0], verdicts[1])


def _only(lab: Lab, check: Check) -> Lab:
    """The lab with only this check, so that no gate changes the check's points."""
    return replace(lab, checks=(check,))


def parted_at(simulated: Run, live: Run) -> float | None:
    """The second from which the shares of requests answered in the two worlds differ; None if they never do."""
    apart = 0
    ends = min(simulated.info.load_s, live.info.load_s)
    for mine, theirs in zip(stats.timeline(simulated), stats.timeline(live), strict=False):
        if mine.start >= ends:
            break
        shares = [b.ok / b.offered if b.offered else None for b in (mine, theirs)]
        differ = None not in shares and abs(shares[0] - shares[1]) > PARTED  # type: ignore[operator]  # neither is None
        apart = apart + 1 if differ else 0
        if apart == PARTED_FOR:
            return mine.start - PARTED_FOR + 1
    return None

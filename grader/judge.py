"""From a repair to verdicts, in a process of its own: `python -m grader.judge LAB FIX.py [--seeds N] [--tier TIER]`.

The process prints one JSON object and nothing else on standard output:

    {"lab": NAME, "points": P, "max_points": M, "verdicts": [{all fields of labs.kit.model.verdict.Verdict}, ...]}

and exits 0 if verdicts were reached, 2 on bad input, and with any other code if the judge itself failed. `judge` is the
other side: it starts that process, waits, and reads its output. Neither side imports the repair.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

import labs
from grader import cache, private, sandbox
from labs.kit.model.lab import REFERENCE, Fix, Lab
from labs.kit.model.repairs import RepairError
from labs.kit.model.verdict import REPEATED, Status, Verdict, maximum, total
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier

TRIES = 3
"""The number of tries with a failing judge before the submission is left ungraded."""
CEILING_S_A_SEED = 300.0
"""Wall seconds after which a judge counts as failed. The run's own watchdogs end repairs that hang long before that."""
_GRACE_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36


ONLY_HERE = "judge_fails_only_here"
"""The reason of the verdicts on a repair with which the judge fails, and with the reference it does not."""


@dataclass(frozen=True)
class Problem:
    """Why a try gave no verdict. `of_judge`: the judge or its machine failed; otherwise the measurement was bad."""

    text: str
    of_judge: bool


class JudgeFailed(RuntimeError):
    """No verdict was reached for a reason other than the repair: the submission must stay ungraded, not get a zero."""


class TooLate(JudgeFailed):
    """The judge has not answered within CEILING_S_A_SEED."""


# The caller's side --------------------------------------------------------------------------------------------------


def judge(
    lab_name: str, fix_source: str, *, seeds: Sequence[int], secret: str = "", unsafe_local: bool = False
) -> list[Verdict]:
    """The verdicts on a repair, one per check; from the cache if it has this judgement.

    Untouched, blank and reformatted code is `not_attempted` without a run.

    Args:
        unsafe_local: let the repair do all that this process may, instead of running it in a sandbox.

    Raises:
        JudgeFailed: there is no sandbox; or the judge failed, or the measurement was bad, TRIES times. If it is only with
            this repair that the judge fails, the verdicts are `crashed`, with the reason ONLY_HERE.
    """
    from labs.kit.judging.evaluate import attempted, not_attempted

    lab = labs.load(lab_name)
    if not attempted(lab, fix_source):
        return not_attempted(lab)
    try:
        tier = sandbox.choose(lab, unsafe_local)
    except NoSandbox as error:
        raise JudgeFailed(str(error)) from error
    name = cache.key(lab, fix_source, seeds, secret, tier)
    kept = cache.read(name)
    if kept is not None:
        with contextlib.suppress(ValueError):  # a damaged file: judge again, and replace it
            return _parse(kept, lab.name)
    problems = []
    for _ in range(TRIES):
        try:
            text = _ask(lab.name, fix_source, seeds, secret, tier)
            verdicts = _parse(text, lab.name)
        except TooLate as error:  # three times that long would hold up a class
            problems.append(Problem(str(error), True))
            break
        except (JudgeFailed, ValueError) as error:
            problems.append(Problem(str(error), True))
            continue
        bad = [v for v in verdicts if v.status in REPEATED]
        if not bad:
            if all(v.status is not Status.HUNG for v in verdicts):  # on a busy machine a slow repair can look like one
                cache.write(name, text)
            return verdicts
        failed = all(v.status is Status.INFRA_ERROR for v in bad)
        problems.append(Problem(f"{bad[0].check}: {bad[0].status}: {bad[0].message}", failed))
    last = problems[-1].text
    if all(problem.of_judge for problem in problems) and _reference_is_judged(lab, seeds, secret, tier):
        return only_with_this_repair(lab, last)
    tries = "1 try" if len(problems) == 1 else f"{len(problems)} tries"
    raise JudgeFailed(f"the judge reached no verdict in {tries}; the last one said: {last}")


def _reference_is_judged(lab: Lab, seeds: Sequence[int], secret: str, tier: Tier) -> bool:
    """The control: does the judge reach its verdicts on the lab's reference repair?"""
    try:
        verdicts = _parse(_ask(lab.name, lab.fix(REFERENCE).source, seeds, secret, tier), lab.name)
    except (JudgeFailed, ValueError, RepairError):
        return False
    return all(v.status not in REPEATED for v in verdicts)


def only_with_this_repair(lab: Lab, problem: str) -> list[Verdict]:
    """The verdicts on a repair with which the judge fails each time, and with the reference it does not: it crashed."""
    message = f"The judge fails with this repair each time, and not with the reference. An instructor looks: {problem}"
    return [
        Verdict(
            check=check.name, status=Status.CRASHED, points=0.0, max_points=check.points, measured=None, goal=check.goal,
            unit=check.unit, message=message[:600], hint=check.hint, reason=ONLY_HERE, title=check.title, bound=check.bound,
            gate=check.gate,
        )
        for check in lab.checks
    ]  # fmt: skip


def _ask(lab: str, source: str, seeds: Sequence[int], secret: str, tier: Tier) -> str:
    """The output of one judge process. Raises JudgeFailed if it does not exit with 0."""
    order = json.dumps({"seeds": list(seeds), "secret": secret})
    with tempfile.TemporaryDirectory(prefix="breakfix-judge-") as folder:
        fix = Path(folder, "fix.py")
        fix.write_text(source, encoding="utf-8", errors="backslashreplace", newline="")
        # Files, not pipes: a process that a repair leaves behind would keep a pipe open, and a read would never end.
        with Path(folder, "out").open("w+") as out, Path(folder, "err").open("w+") as err:
            command = [sys.executable, "-m", "grader.judge", lab, str(fix), "--private", "-", "--tier", tier]
            code = _run(command, order, CEILING_S_A_SEED * len(seeds), out, err)
            out.seek(0)
            err.seek(0)
            if code != 0:
                if isinstance(code, str):
                    raise TooLate(f"judge process exited with {code}")
                last = (err.read().strip().splitlines() or ["it said nothing"])[-1]
                raise JudgeFailed(f"judge process exited with {code}: {last[:500]}")
            return out.read()


def _run(command: list[str], order: str, ceiling_s: float, out: IO[str], err: IO[str]) -> int | str:
    """Run a judge to its end, at most for `ceiling_s`. Returns its exit code, or a text if there is none."""
    hidden = (private.VARIABLE, "NBGRADER_EXECUTION")  # the hosts of a run inherit this environment, and must not see these
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    environment["PYTHONPATH"] = os.pathsep.join([str(labs.ROOT), *filter(None, [environment.get("PYTHONPATH")])])
    process = subprocess.Popen(
        command, cwd=labs.ROOT, env=environment, stdin=subprocess.PIPE, stdout=out, stderr=err, start_new_session=True
    )  # fmt: skip
    done = False
    try:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as given:  # the judge may have ended already
            given.write(order.encode())  # a pipe: after one read its content is gone
        done = _ended(process, ceiling_s)
    finally:
        if not done:  # too late, or Ctrl-C: the judge ends its hosts, then itself
            process.terminate()
            _ended(process, _GRACE_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS forbids it for a group of zombies
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
    return code if done else f"no answer within {ceiling_s:g} s"


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a process, without polling if the system can: Popen.wait checks only every 50 ms."""
    if not hasattr(os, "pidfd_open"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return True
        return False
    handle = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(handle)


def _parse(text: str, lab: str) -> list[Verdict]:
    """The verdicts in a judge's answer. Raises ValueError if the answer has any other form."""
    try:
        answer = json.loads(text)
        if answer["lab"] != lab:
            raise ValueError(f"an answer about {answer['lab']!r}")
        verdicts = [_verdict(row) for row in answer["verdicts"]]
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"the judge's answer is not of the agreed form: {error!r}") from error
    if [v.check for v in verdicts] != [c.name for c in labs.load(lab).checks]:
        raise ValueError("the judge's answer does not name this lab's checks")
    return verdicts


def _verdict(row: dict[str, Any]) -> Verdict:
    verdict = Verdict(**{**row, "status": Status(row["status"])})
    for value in (verdict.points, verdict.max_points):
        # nbgrader gives full marks for nan, a negative number or a text: none of them may reach it
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{verdict.check}: points are {value!r}; expected a finite number")
    texts = [f.name for f in fields(Verdict) if f.type == "str"]
    if not all(isinstance(getattr(verdict, name), str) for name in texts):
        raise ValueError(f"{verdict.check}: one of {', '.join(texts)} is no text")
    return verdict


# The judge's side ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one repair and print the verdicts as JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grader.judge", description="Judge one repair of one lab.")
    parser.add_argument("lab", help="the lab's name")
    parser.add_argument("fix", type=Path, help="the file that holds the repair")
    parser.add_argument("--seeds", type=int, default=len(private.PUBLIC.numbers), metavar="N", help="use seeds 0 to N-1")
    parser.add_argument("--private", metavar="FILE", help="private seeds and secret, JSON; - reads them from standard input")
    parser.add_argument(
        "--tier", type=Tier, choices=list(Tier), help="the sandbox round the repair; by default the strongest that there is"
    )
    given = parser.parse_args(arguments)
    out, err = _take_output()
    _load_sqlite_utils_alone()
    try:
        lab = labs.load(given.lab)
        seeds = _seeds(given)
        source = _source(given.fix)
        tier = given.tier or sandbox.choose(lab)
    except (ValueError, NoSandbox) as error:
        err.write(f"{error}\n")
        return 2
    from labs.kit.judging.evaluate import attempted, evaluate, not_attempted

    _adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: _stop())
    try:
        fix = Fix("submission", source)
        done = attempted(lab, source)
        at_once = sandbox.runs_at_once(lab)
        verdicts = (
            evaluate(lab, fix, seeds.numbers, private=seeds.secret, jobs=at_once, tier=tier) if done else not_attempted(lab)
        )
    finally:
        end_descendants()
    rows = [asdict(v) for v in verdicts]
    json.dump({"lab": lab.name, "points": total(verdicts), "max_points": maximum(verdicts), "verdicts": rows}, out)
    out.write("\n")
    out.close()
    return 0


def _seeds(given: argparse.Namespace) -> private.Seeds:
    if given.private == "-":
        return _order(sys.stdin.read())
    if given.private:
        return private.read(Path(given.private))
    if not 1 <= given.seeds <= private.MOST:
        raise ValueError(f"--seeds {given.seeds}: expected a number from 1 to {private.MOST}")
    return private.Seeds(tuple(range(given.seeds)))


def _order(text: str) -> private.Seeds:
    """The seeds that `judge` sends: in the form of a private file, but the secret may be empty."""
    order = json.loads(text)
    if order["secret"]:
        return private.parse(text, "standard input")
    return private.Seeds(tuple(order["seeds"]))


def _source(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as UTF-8 text: {error}") from error


def _take_output() -> tuple[IO[str], IO[str]]:
    """Keep standard output and error for the judge; every child gets the null device instead.

    Otherwise the output of a repair would mix with the verdicts.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = os.fdopen(os.dup(1), "w", encoding="utf-8"), os.fdopen(os.dup(2), "w", encoding="utf-8", buffering=1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)
    sys.stderr = err
    return out, err


def _load_sqlite_utils_alone() -> None:
    """Import sqlite_utils without numpy, which it imports only for numpy's number types: half of a judge's start time."""
    hidden = sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]  # None makes an import fail
    importlib.import_module("sqlite_utils")
    if hidden is None:
        del sys.modules["numpy"]


def _adopt_orphans() -> None:
    """On Linux, make descendants whose parent has ended children of this process, so that none outlives the judge."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants(patience_s: float = 5.0) -> None:
    """Kill every process that descends from this one, and wait until none is left."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            import psutil

            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            time.sleep(0.01)


def _stop() -> None:
    end_descendants()
    os._exit(3)  # an ordinary exit would wait for threads that wait for hosts


if __name__ == "__main__":
    sys.exit(main())

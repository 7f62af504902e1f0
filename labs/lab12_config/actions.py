"""What lab12 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import ast
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from labs.kit import (
    REFERENCE,
    Chart,
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
from labs.lab12_config import figures, readings
from labs.lab12_config.offered import KINDS, text, values
from labs.lab12_config.readings import SIGNALS
from labs.lab12_config.scenarios import MENDED_AT_S, WATCHED, WRITTEN_AT_S, cents_of
from labs.lab12_config.service import BEHIND, READS

TORN_FOR_S = 1.0
"""How long `lab.torn()` writes in each of the two ways."""


@action(most_runs=2)
def limits(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one or two runs of the incident: orders confirmed and failed, and calls at once to the bank."""
    return figures.limits(runs, results.heads(runs, titles))


@action
def in_force(learner: Learner, run: Run) -> Iterator[Note]:
    """For each setting: what the file says, what is in effect as others see it, and which line of fix.py says so."""
    files = list(readings.offered(run).values())
    held = readings.told(run, "held")
    debits = stats.logged(run, "bank", "debit")
    most = stats.most_in_flight(run, readings.BANK, MENDED_AT_S, run.info.load_s)
    file = files[-1] if files else {}
    ran = learner.repair(run.info.fix)
    source = ran.source if ran is not None and ran.sha == run.info.fix_sha else ""
    rows = [("setting", f"in the file since second {WRITTEN_AT_S:g}", "in effect", "as seen by", "a literal of fix.py")]
    rows.append(("limit", f"{file.get('limit', '-')}", f"up to {most} at once", "the wire", lines_with(source, "LIMIT")))
    took = f"up to {max(seen['took_s'] for seen in held):.2f} s" if held else "-"
    rows.append(("timeout_s", f"{file.get('timeout_s', '-')}", took, "the operator", lines_with(source, "TIMEOUT")))
    fees = sorted({fields["cents"] - cents_of(log.request_id) for log, fields in debits if log.time > MENDED_AT_S})
    seen = ", ".join(map(str, fees)) or "-"
    rows.append(("fee_cents", f"{file.get('fee_cents', '-')}", seen, "the bank", lines_with(source, "FEE")))
    money = ", ".join(sorted({fields["currency"] for log, fields in debits if log.time > MENDED_AT_S})) or "-"
    rows.append(("currency", f"{file.get('currency', '-')}", money, "the bank", lines_with(source, "CURRENCY")))
    yield Note((f"What is in effect from second {MENDED_AT_S:g} on, with {named(run.info.fix)}:",), table=tuple(rows))
    yield _reads(run)


def lines_with(source: str, word: str) -> str:
    """The lines of a repair's top level that give a number or a text to a name with `word` in it, with the value."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return "-"
    found = [
        f"line {node.lineno}: {ast.unparse(node)}" for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and word in ast.unparse(node.targets[0])
    ]  # fmt: skip
    return "; ".join(found) or "-"


@action
def reads(learner: Learner, run: Run) -> Note:
    """Which lines of fix.py opened shop.json, and how often, as Python's own audit hook tells."""
    return _reads(run)


def _reads(run: Run) -> Note:
    counts = results.counted(run, "shop", READS)
    head = f"Lines of fix.py that opened shop.json, with {named(run.info.fix)}, by Python's audit hook:"
    if not counts:
        return Note((f"{head} none. Nobody reads the file.",), "warn")
    rows = [("times", "line"), *((f"{count:,}", line) for line, count in counts.most_common())]
    return Note((head,), table=tuple(rows))


@action
def torn(learner: Learner, seconds: float = TORN_FOR_S) -> Note:
    """Rewrite a file on this machine's disk while it is read, in place and by replacing it; count the reads of each kind."""
    rows, shares = [("how it is written", "reads", "whole", "empty", "torn", "empty or torn")], []
    for how in ("in place: open, write half, write the rest", "a new file beside it, then os.replace"):
        reads, empty, broken = _read_while_written(how.startswith("in place"), seconds)
        shares.append(chart.percent((empty + broken) / reads))
        rows.append((how, f"{reads:,}", f"{reads - empty - broken:,}", f"{empty:,}", f"{broken:,}", shares[-1]))
    head, said = "One thread rewrites a file, another reads it, in real time, on this disk", learner.predicted("torn reads")
    head += f"; you predicted {said['value']:g} % empty or torn, in place it was {shares[0]}:" if said else ":"
    return Note((head,), table=tuple(rows))


def _read_while_written(in_place: bool, seconds: float) -> tuple[int, int, int]:
    """Reads, those that found an empty file, those that found no JSON."""
    with tempfile.TemporaryDirectory(prefix="breakfix-torn-") as folder:
        path, beside, over = Path(folder, "shop.json"), Path(folder, "beside.json"), threading.Event()
        path.write_bytes(text(values("config-0")))

        def write() -> None:
            number = 0
            while not over.is_set():
                number += 1
                data = text(values(f"config-{number}"))
                with (path if in_place else beside).open("wb", buffering=0) as file:
                    file.write(data[: len(data) // 2])
                    time.sleep(0.0002)
                    file.write(data[len(data) // 2 :])
                if not in_place:
                    os.replace(beside, path)
                time.sleep(0.001)

        writer = threading.Thread(target=write)
        writer.start()
        reads = empty = broken = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = path.read_bytes()
            reads += 1
            empty += not data
            broken += bool(data) and not _is_json(data)
            time.sleep(0.0001)
        over.set()
        writer.join()
    return reads, empty, broken


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


@action
def files(learner: Learner, run: Run, every: bool = False) -> Note:
    """What the shop made of each file of the scenario `bad`: of those that went wrong, or of all with `every`."""
    looks = readings.told(run, "looked")
    rows = [("slot", "file", "in force after it", "an order", "what the shop says")]
    right = 0
    for slot, seen in enumerate(looks):
        good, bad = (
            seen["version"] == seen["last_good"] and seen["status"] == 200 and not seen["wrong"],
            seen["kind"] in KINDS,
        )
        said = seen["said"]["reason"] if bad or seen["said"]["reason"] else "-"
        fine = good and bool(seen["said"]["reason"]) == bad
        right += fine
        if every or not fine:
            what = "the last good one" if seen["version"] == seen["last_good"] else seen["version"] or "nothing"
            order = "confirmed" if seen["status"] == 200 else f"failed: {seen['status']}"
            kind = f"{seen['kind']}; killed" if seen["killed"] else seen["kind"]
            rows.append((f"{slot}", kind, what, order, said[:80] or "nothing"))
    kills = sum(seen["killed"] for seen in looks)
    bads = sum(seen["kind"] in KINDS for seen in looks) - kills
    head = f"{bads} bad files, {len(looks) - bads - kills} good ones and {kills} kills on a bad file, with"
    head += f" {named(run.info.fix)}: all was right after {right}"
    return Note(
        (f"{head}{'; the others:' if len(rows) > 1 and not every else '.'}",), table=tuple(rows) if len(rows) > 1 else ()
    )


@action(most_runs=2)
def users(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one or two runs of the scenario `flags`: who has the feature, and who has changed sides."""
    return figures.users(runs, results.heads(runs, titles))


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals, as load, wire, bank and operator saw them:", runs, _signals)


def _signals(run: Run) -> dict[str, str]:
    behind = [s.value for s in run.samples(BEHIND, "operator")]
    bans = run.events("banned")
    return {
        **(
            _of_incident(run)
            if run.info.scenario == "incident"
            else {"orders of the load that fail": chart.percent(readings.failed(run, 0.0))}
        ),
        "times that the bank blocked the shop": f"{len(bans)}",
        "files written": f"{len(readings.offered(run))}",
        "age of a file that is not in force, at most": f"{max(behind, default=0):.1f} s",
        **(
            {}
            if run.info.scenario == "incident"
            else {"versions in the operator's orders": f"{len(readings.versions_seen(run))}"}
        ),
    }


def _of_incident(run: Run) -> dict[str, str]:
    return {
        "orders that fail, before the file": chart.percent(readings.failed(run, 0.0, WRITTEN_AT_S)),
        "orders that fail, from second 7 on": f"{readings.failed_after(run):.0f}%",
        "most calls at once, from second 6 on": f"{readings.calls_after(run):.0f}",
    }


@action
def calls(learner: Learner, run: Run, order: str) -> Note:
    """The calls to the bank that were under way when this order's came, and what became of each."""
    found = [r for r in run.requests(readings.BANK) if r.request_id == order]
    if not found:
        raise LearnerError(
            f"no call for an order {order!r} in this run; lab.requests(run, link={readings.BANK!r}) lists calls"
        )
    rows = [("order", "call came at", "ended at", "answer")]
    for r in (*readings.under_way(run, found[0]), found[0]):
        ended = "-" if r.done is None else f"{r.done:.3f}"
        rows.append((r.request_id, f"{r.sent:.3f}", ended, str(r.status or r.error_type)))
    others = chart.plural(len(rows) - 2, "other call")
    return Note(
        (f"When the call for {order} came, {others} {'was' if len(rows) == 3 else 'were'} under way; it is last:",),
        table=tuple(rows),
    )


@action
def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 1.0) -> None:
    """Try an alert rule: it fires when the signal, "age" or "failed", is above `above` in each of `for_s` seconds.

    The rule is run against four days of the broken code, and two of the reference repair.
    """
    if not alerts.chosen(signal, SIGNALS) or not alerts.written(above, for_s, "a number of at least 0", least=0):
        return
    cases = alerts.cases(learner, WATCHED) | {
        "reference repair, 40 new files": alerts.Case(learner.job(REFERENCE, "reloads")),
        "reference repair, a file that is refused": alerts.Case(learner.job(REFERENCE, "bad"), 0.0),
    }
    told = f"Page when {SIGNALS[signal]}: above {above:g}, for {for_s:g} s on end."
    most = ("most that was seen", lambda run: f"{max(readings.series(run, signal)):.2f}")
    alerts.try_rule(learner, told, cases, lambda run: readings.fires_at(run, signal, above, for_s), 2.0, most)

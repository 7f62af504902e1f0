"""The charts of memory: saw, growth and flame graph, and the sentences under them."""

from __future__ import annotations

import sys

import pytest

from labs.kit import charts
from labs.kit.charts.memory import Series, reached
from labs.kit.model.record import Event, Record, Run, Sample
from labs.kit.model.verdict import Status
from tests.kit.handmade import make_info, make_request

MB = 1_000_000
STACKS = {
    ("start app.py:1", "_drive driver.py:5", "report fix.py:49", "page rendering.py:30"): 12 * MB,
    ("start app.py:1", "_drive driver.py:5", "report fix.py:47"): 6 * MB,
    ("start app.py:1", "other app.py:9"): 1 * MB,
}


def make_run(*, kills=(), restarts=(), world="live", **changes) -> Run:
    """Ten visits, the last two unanswered, and memory that rises by 10 MB a second from 50 MB on."""
    record = Record()
    record.add("requests", [make_request(float(n), 0.01 if n < 8 else None, 200 if n < 8 else 0) for n in range(10)])
    record.add("samples", [Sample(float(n), "process.memory.usage", "shop", (50 + 10 * n) * MB) for n in range(10)])
    record.add("events", [Event(at, "oom kill", "shop", "") for at in kills])
    record.add("events", [Event(at, "restart", "shop", "") for at in restarts])
    return record.close(make_info(world=world, **changes))


def test_the_sentence_tells_memory_kills_and_answers():
    """A reader who does not see the picture learns the range, the limit, the kills and the share answered."""
    chart = charts.memory([make_run(kills=(4.5,), restarts=(6.0,))], host="shop", limits_mb={"live": 96}, titles=("one",))
    assert chart.summary == ("one: memory at most 140 MB (limit 96 MB), 1 kill, 1 restart, 80% of the visits answered.")


def test_nothing_is_drawn_between_kill_and_restart():
    """The line stops at the kill and begins anew at the restart: in between there was no service."""
    chart = charts.memory([make_run(kills=(4.5,), restarts=(6.0,))], host="shop", limits_mb={"live": 96})
    lines = [list(line.get_xdata()) for line in chart.figure.axes[0].lines]
    assert [0.0, 1.0, 2.0, 3.0, 4.0] in lines
    assert [6.0, 7.0, 8.0, 9.0] in lines


def test_a_world_without_a_limit_has_no_line():
    """The limit is drawn where it acts, and the summary names it only there."""
    chart = charts.memory([make_run(world="simulated")], host="shop", limits_mb={"live": 96})
    assert "limit" not in chart.summary
    assert not [line for line in chart.figure.axes[0].lines if set(line.get_ydata()) == {96}]


def test_a_run_that_ended_early_says_so():
    """Its figures would read as if they were the whole run's."""
    chart = charts.memory([make_run(status=str(Status.CRASHED))], host="shop", limits_mb={})
    assert "the run ended early (crashed)" in chart.summary


def test_growth_tells_when_each_limit_is_reached():
    """Hours in a long run; a limit that is not reached is said to be kept; one without a limit just grows."""
    day = [(3600.0 * hour, 2.0 * hour) for hour in range(25)]
    chart = charts.growth(
        [Series("memory", day, 15.0), Series("log", day, 100.0), Series("disk", day)], title="a day", seconds=86_400
    )
    assert chart.summary == (
        "a day: memory grows to 48 MB and is over its limit of 15 MB after 8.0 hours; log grows to 48 MB, inside its limit"
        " of 100 MB; disk grows to 48 MB."
    )


def test_the_crossing_is_the_first_reading_over_the_limit():
    """At the limit is not over it."""
    assert reached(Series("memory", [(0, 1.0), (1, 2.0), (2, 3.0)], 2.0)) == 2
    assert reached(Series("memory", [(0, 1.0), (1, 2.0)], 2.0)) is None
    assert reached(Series("memory", [(0, 1.0)])) is None


def test_a_flame_is_as_wide_as_its_memory():
    """Each call is a box as wide as what it and all it called took; what never came to `begin` is left out."""
    chart = charts.flame(STACKS, title="held", mark="fix.py", begin="_drive")
    widths = sorted(round(box.get_width(), 3) for box in chart.figure.axes[0].patches)
    assert widths == [6.0, 12.0, 12.0, 18.0]
    assert chart.summary == "held: 18.0 MB in all, 67% of it in report fix.py:49."


def test_memrays_own_file_is_read(tmp_path):
    """What memray wrote down of a block that is still held is there under the line that took it, with its size."""
    memray = pytest.importorskip("memray", reason="memray has no Windows version")
    path = tmp_path / "held.bin"
    with memray.Tracker(str(path)):
        held = bytearray(5 * MB)
    found = charts.allocations(path)
    here = [(stack, size) for stack, size in found.items() if "test_charts_memory.py" in stack[-1]]
    assert max(size for _, size in here) >= len(held)


def test_without_memray_one_line_says_so(monkeypatch, tmp_path):
    """Where it is not installed, the error names it and where it exists."""
    monkeypatch.setitem(sys.modules, "memray", None)
    with pytest.raises(RuntimeError, match="exists for Linux and macOS"):
        charts.allocations(tmp_path / "held.bin")


@pytest.mark.parametrize("draw", ["memory", "growth", "flame"])
def test_the_same_input_gives_the_same_bytes(draw):
    """Charts of notebooks are kept in git: drawn twice, one is the other."""
    drawn = {
        "memory": lambda: charts.memory([make_run(kills=(4.5,))], host="shop", limits_mb={"live": 96}),
        "growth": lambda: charts.growth([Series("memory", [(0, 1), (5, 9)], 4)], title="t", seconds=10),
        "flame": lambda: charts.flame(STACKS, title="held"),
    }[draw]
    assert drawn().png() == drawn().png()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: charts.memory([], host="shop", limits_mb={}), "one to three"),
        (lambda: charts.memory([make_run()], host="shop", limits_mb={}, titles=("a", "b")), "one for each"),
        (lambda: charts.growth([], title="t", seconds=1), "one to four"),
        (lambda: charts.flame({}, title="t"), "nothing to draw"),
    ],
)
def test_what_cannot_be_drawn_is_said(call, message):
    """No run, no series, no memory, or titles for other runs: an error that says what is expected."""
    with pytest.raises(ValueError, match=message):
        call()

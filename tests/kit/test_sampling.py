"""What a service reports of itself at a steady pace, and what its profilers say."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest

from labs.kit.service import profiling
from labs.kit.service.profiling import report_profile, seconds_by_line, tell_slow_callbacks
from labs.kit.service.sampling import report, report_loop_lag
from labs.kit.service.telemetry import Signals

BLOCKS = """
import asyncio
import time


async def quote():
    await asyncio.sleep(0)
    return ask()


def ask():
    time.sleep(0.06)
"""


@pytest.fixture
def emitted():
    """Signals, and the rows that they sent."""
    rows = []
    return Signals("page", lambda line: rows.append(json.loads(line))), rows


def blocking():
    """The names of a module called fix.py that blocks in line 12."""
    names = {}
    exec(compile(BLOCKS, "/somewhere/fix.py", "exec"), names)
    return names


def test_a_loop_that_stands_still_reports_one_late_reading(emitted):
    """Held for 0.3 s, the reporter wakes once, late by at least 0.3 s less its own interval."""
    signals, rows = emitted

    async def scene():
        task = asyncio.create_task(report_loop_lag(signals, 0.01))
        await asyncio.sleep(0.05)
        before = len(rows)
        time.sleep(0.3)  # noqa: ASYNC251 - the loop must stand still: that is what is reported
        await asyncio.sleep(0.05)
        task.cancel()
        return rows[before:]

    [late, *_] = asyncio.run(scene())
    assert (late["table"], late["signal"]) == ("samples", "event_loop.lag")
    assert late["value"] >= 0.29
    assert all(row["value"] >= 0 for row in rows)


def test_a_gauge_is_read_each_time(emitted):
    """Each report asks anew: a value that was read once would never change."""
    signals, rows = emitted

    async def scene():
        values = iter(range(100))
        third = asyncio.Event()

        def read():
            value = next(values)
            if value == 3:
                third.set()
            return value

        task = asyncio.create_task(report(signals, "queue.depth", read, 0.001))
        await third.wait()
        task.cancel()

    asyncio.run(scene())
    assert [(row["signal"], row["value"]) for row in rows[:3]] == [("queue.depth", n) for n in (0, 1, 2)]


def test_asyncio_names_the_coroutine_that_held_the_loop(emitted):
    """A step of 60 ms is one log "slow callback" with the coroutine and its file, without the machine's folders."""
    signals, rows = emitted
    logger = logging.getLogger("asyncio")
    before = (list(logger.handlers), logger.propagate)

    async def scene():
        end = tell_slow_callbacks(signals)
        await asyncio.create_task(blocking()["quote"]())
        await asyncio.sleep(0)
        end()

    asyncio.run(scene())
    [row] = [row for row in rows if row["event"] == "slow callback"]
    assert "quote() done, defined at fix.py:6>" in row["fields"]["message"]
    assert "/" not in row["fields"]["message"]
    assert (list(logger.handlers), logger.propagate) == before


def test_pyinstrument_names_the_line_that_held_the_loop(emitted, monkeypatch):
    """The line of fix.py that slept has most of the profile, with the line that led there; the printed tree comes along."""
    signals, rows = emitted
    monkeypatch.setattr(profiling, "REPORT_EVERY_S", 0.01)

    async def scene():
        task = asyncio.create_task(report_profile(signals))
        await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.create_task(blocking()["quote"]())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(scene())
    spent = {}
    for row in rows:
        if row["event"] == "profile":
            for where, seconds in row["fields"].items():
                spent[where] = spent.get(where, 0) + seconds
    assert max(spent, key=spent.get) == "fix.py:8 > fix.py:12 > sleep"
    assert any("fix.py" in row["fields"]["text"] for row in rows if row["event"] == "profile tree")


def test_seconds_add_up_by_the_way_through_the_repair():
    """Two samples on one way are one row; frames outside of fix.py count only as what its last line called."""
    ask = ["run\0/x/base_events.py\x001\x01l5", "quote\0fix.py\x004\x01cPrices\x01l8", "ask\0fix.py\x0010\x01l12"]
    records = [
        ([*ask, "sleep\0<built-in>\x000"], 0.5),
        ([*ask, "sleep\0<built-in>\x000", "deeper\0/x/y.py\x001\x01l2"], 0.25),
        (ask[:2], 0.125),
        (ask[:1], 9.0),
    ]
    assert seconds_by_line(records) == {"fix.py:8 > fix.py:12 > sleep": 0.75, "fix.py:8": 0.125}

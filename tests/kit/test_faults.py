"""Faults: when they act, and what they do to a chunk, a connection or a request."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import fields, is_dataclass
from itertools import pairwise
from random import Random
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from labs.kit.model.faults import (
    FAULTS,
    Bandwidth,
    BlackHole,
    ErrorStatus,
    Fault,
    LateAnswers,
    Latency,
    Limit,
    LinkFault,
    Reset,
    ServiceFault,
    Slicer,
    SlowClose,
    Stall,
    Timeout,
    services,
)

NS = 1_000_000_000
LINK = "shop->bank"


def test_the_table_lists_every_fault_once():
    """Each fault is a frozen dataclass that acts on a link or on a service, under a name of its own."""
    assert len(set(FAULTS.values())) == len(FAULTS)
    for fault in FAULTS.values():
        assert is_dataclass(fault)
        assert fault.__dataclass_params__.frozen
        assert issubclass(fault, LinkFault) != issubclass(fault, ServiceFault)
        assert {"at_s", "seconds"} <= {f.name for f in fields(fault)}


def test_no_fault_is_missing_from_the_table():
    """A fault that a lab can import is a fault that can be named."""

    def below(kind):
        return {kind, *(found for child in kind.__subclasses__() for found in below(child))}

    ours = {kind for kind in below(Fault) if kind.__module__.startswith("labs.kit.model.faults.")}
    assert ours - {Fault, LinkFault, ServiceFault} == set(FAULTS.values())


def test_a_fault_acts_from_its_start_up_to_its_end():
    """The window is half open, in nanoseconds; without one it acts throughout."""
    fault = Stall(link=LINK, at_s=5, seconds=3)
    assert (fault.start_ns, fault.end_ns) == (5 * NS, 8 * NS)
    assert [fault.active(t) for t in (5 * NS - 1, 5 * NS, 8 * NS - 1, 8 * NS)] == [False, True, True, False]
    assert Reset(link=LINK).active(0)
    assert Reset(link=LINK).active(10**6 * NS)


def test_a_fault_knows_where_it_acts():
    """A link fault names its link, a service fault its service; a fault that is neither has no place."""
    assert Stall(link=LINK).where == LINK
    assert ErrorStatus(service="bank", rate=0.1).where == "bank"
    with pytest.raises(TypeError, match="derive from LinkFault or ServiceFault"):
        _ = Fault().where
    with pytest.raises(TypeError, match="ServiceFault has no middleware"):
        ServiceFault(service="bank").middleware(Random(0), 0.0)


def test_a_stall_delivers_everything_when_it_ends():
    """Whenever a chunk is sent during a stall, it arrives at the same moment: the end. Nothing is lost."""
    fault = Stall(link=LINK, at_s=5, seconds=3)
    for sent in (5 * NS, 6 * NS + 1, 8 * NS - 1):
        assert sent + fault.delay_ns(sent, Random(0)) == 8 * NS


def test_latency_is_added_with_jitter_around_it_and_never_early():
    """Without jitter it is the latency; with it, uniform around; more jitter than latency never gives a negative delay."""
    rng = Random(1)
    assert Latency(link=LINK, latency_s=0.2).delay_ns(0, rng) == NS // 5
    around = [Latency(link=LINK, latency_s=0.2, jitter_s=0.05).delay_ns(0, rng) for _ in range(500)]
    assert 0.15 * NS <= min(around) < 0.16 * NS
    assert 0.24 * NS < max(around) <= 0.25 * NS
    wild = [Latency(link=LINK, latency_s=0.01, jitter_s=0.1).delay_ns(0, rng) for _ in range(500)]
    assert min(wild) == 0
    assert max(wild) > 0


def test_the_same_seed_gives_the_same_jitter():
    """A fault keeps no state of its own: what it draws comes from the generator it is given."""
    fault = Latency(link=LINK, latency_s=0.2, jitter_s=0.1)
    one, two = ([fault.delay_ns(0, rng) for _ in range(20)] for rng in (Random(4), Random(4)))
    assert one == two
    assert len(set(one)) > 1


def test_two_faults_lose_and_one_cuts():
    """Loss and cut connections are told apart from delay, fault by fault."""
    told = {
        "latency": Latency(link=LINK, latency_s=0.1),
        "stall": Stall(link=LINK, seconds=1),
        "black_hole": BlackHole(link=LINK),
        "timeout": Timeout(link=LINK, timeout_s=1),
        "reset": Reset(link=LINK),
        "bandwidth": Bandwidth(link=LINK, bytes_per_s=1000),
        "slicer": Slicer(link=LINK, average_bytes=10),
        "limit": Limit(link=LINK, bytes_each_way=100),
        "slow_close": SlowClose(link=LINK, delay_s=1),
    }
    assert set(told) == {name for name, kind in FAULTS.items() if issubclass(kind, LinkFault)}
    assert [name for name, fault in told.items() if fault.delay_ns(0, Random(0)) is None] == ["black_hole", "timeout"]
    assert [name for name, fault in told.items() if fault.cuts] == ["reset"]


async def statuses(fault, requests, seed=0, started_ago=0.0):
    """What a little service answers behind the fault's middleware, and how often it did any work."""
    worked = []

    async def work(request):
        worked.append(request.path)
        return web.Response(text="done")

    start = asyncio.get_running_loop().time() - started_ago
    app = web.Application(middlewares=[fault.middleware(Random(seed), start)])
    app.router.add_get("/", work)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        async with aiohttp.ClientSession() as session:
            seen = []
            for _ in range(requests):
                async with session.get(f"http://{host}:{port}/") as answer:
                    seen.append(answer.status)
    finally:
        await runner.cleanup()
    return seen, len(worked)


def test_error_status_refuses_its_share_before_any_work_is_done():
    """About the stated share is answered with the stated status, and the handler never saw those requests."""
    seen, worked = asyncio.run(statuses(ErrorStatus(service="bank", rate=0.25, status=502), 200))
    count = Counter(seen)
    assert set(count) == {200, 502}
    assert 30 <= count[502] <= 70  # 50 expected; five standard deviations are 31, but the seed is fixed
    assert worked == count[200]


def test_late_answers_are_answers_to_work_that_was_done(monkeypatch):
    """Each request is worked and answered 200; of those that are late, each is by as much as was said."""
    fault = LateAnswers(service="bank", rate=0.5, least_s=0.02, most_s=0.04)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(services, "asyncio", SimpleNamespace(sleep=sleep, get_running_loop=asyncio.get_running_loop))
    seen, worked = asyncio.run(statuses(fault, 200))
    late = [seconds for seconds in slept if seconds]
    assert (seen, worked, len(slept)) == ([200] * 200, 200, 200)
    assert 70 <= len(late) <= 130  # 100 expected; the seed is fixed
    assert all(0.02 <= seconds <= 0.04 for seconds in late)


def test_error_status_draws_from_the_seed():
    """The same seed refuses the same requests; each is drawn alone, so refusals also come one after another."""
    fault = ErrorStatus(service="bank", rate=0.5)
    first, _ = asyncio.run(statuses(fault, 40, seed=1))
    again, _ = asyncio.run(statuses(fault, 40, seed=1))
    other, _ = asyncio.run(statuses(fault, 40, seed=2))
    assert first == again != other
    assert (503, 503) in pairwise(first)
    assert (503, 200) in pairwise(first)


def test_error_status_keeps_to_its_window():
    """Before its start and after its end, a fault that refuses everything refuses nothing."""
    fault = ErrorStatus(service="bank", rate=1.0, at_s=1000, seconds=1000)
    assert asyncio.run(statuses(fault, 3, started_ago=0.0))[0] == [200] * 3
    assert asyncio.run(statuses(fault, 3, started_ago=1500.0))[0] == [503] * 3
    assert asyncio.run(statuses(fault, 3, started_ago=2500.0))[0] == [200] * 3

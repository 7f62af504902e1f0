"""Repairs that find the pipe of their own host and say on it what earns points: each is judged by what it did.

tests/test_evidence.py puts forged rows into finished records; here the whole way is gone, from the repair to the points.
"""

from __future__ import annotations

import pytest

import labs
from labs.kit.judging.evaluate import evaluate
from labs.kit.model.lab import Fix
from labs.kit.model.verdict import Status, Verdict, total

SECRET = "a secret of this test"
FINDS = """
import gc

def env():
    return next(thing for thing in gc.get_objects() if type(thing).__name__ == "Env")
"""


def judged(lab: str, source: str) -> dict[str, Verdict]:
    """The verdicts on a repair as it is graded, by check: one seed, and a secret."""
    return {v.check: v for v in evaluate(labs.load(lab), Fix("mine", source), (0,), private=SECRET)}


FORGED_DEBITS = f"""{FINDS}
class PaymentFailed(Exception):
    pass

class PaymentsClient:
    def __init__(self, session, url):
        pass

    async def charge(self, order):
        env().signals.event("debit", order["id"], order["id"])
        return {{"order": order["id"], "number": 1}}

class WorkQueue:
    def offer(self, job):
        return False

    def take(self):
        return None
"""
PREPAID = """
import aiohttp

class PaymentFailed(Exception):
    pass

class PaymentsClient:
    def __init__(self, session, url):
        self.session, self.url, self.paid = session, url, set()

    async def charge(self, order):
        if not self.paid:
            for number in range(60):
                name = f"order-{number}"
                self.paid.add(name)
                async with self.session.post(self.url, json={"id": name, "cents": 100}) as answer:
                    await answer.read()
        return {"order": order["id"], "number": 1}

class WorkQueue:
    def __init__(self):
        self.jobs = []

    def offer(self, job):
        self.jobs.append(job)
        return True

    def take(self):
        return self.jobs.pop(0) if self.jobs else None
"""


@pytest.mark.parametrize("source", [FORGED_DEBITS, PREPAID], ids=["says that the bank was paid", "pays for guessed orders"])
def test_who_confirms_what_nobody_paid_earns_nothing(source: str) -> None:
    """Debits are the bank's to report, and orders that are still to come have names that nobody can guess."""
    verdicts = judged("lab06_retries", source)
    assert verdicts["confirmed_is_charged"].reason == "unpaid"
    assert total(list(verdicts.values())) == 0


def test_a_row_that_no_check_can_read_stops_no_check() -> None:
    """The partner's word in the mouth of the shop, and no JSON in it: each check gives the verdict on the broken code."""
    broken = labs.load("lab03_database").fix("broken").source
    forged = broken.replace(
        "orders = await self.db.query(",
        'env().signals.event("answer", "page", "no JSON")\n        orders = await self.db.query(',
        1,
    )
    assert forged != broken
    verdicts = judged("lab03_database", FINDS + forged)
    assert Status.INFRA_ERROR not in {v.status for v in verdicts.values()}
    assert total(list(verdicts.values())) == 0
    assert verdicts["right_answers"].status is Status.PASS


def test_a_fault_that_never_was_excuses_nothing() -> None:
    """Faults are the judge's to report: who says that its process was killed all the time still has lost its orders."""
    broken = labs.load("lab08_workers").fix("broken").source
    forged = broken.replace("    async def start(self)", '''\
    async def claim(self):
        import asyncio
        while True:
            env().signals.event("fault on", "shop", "Kill 0 s")
            await asyncio.sleep(0.05)

    async def start(self)''', 1).replace("    async def start(self) -> None:\n", '''\
    async def start(self) -> None:
        import asyncio
        self.claiming = asyncio.create_task(self.claim())
''', 1)  # fmt: skip
    assert "self.claiming" in forged
    verdicts = judged("lab08_workers", FINDS + forged)
    assert verdicts["kept"].status is Status.FAIL
    assert total(list(verdicts.values())) == 0


def test_who_tells_the_probe_from_the_load_is_seen_by_the_load() -> None:
    """Customers get an empty page, and only the probe, by its number, a report: where it is graded, both look alike."""
    right = labs.load("lab02_memory").fix("reference").source
    begins = "        body = self.cache.get((name, options))\n"
    blank = '        if int(visitor.split("-")[1]) < 100_000:\n            return b""\n'
    forged = right.replace(begins, blank + begins, 1)
    assert forged != right
    open_names = {v.check: v for v in evaluate(labs.load("lab02_memory"), Fix("mine", forged), (0,))}
    assert open_names["true_answers"].reason == "untrue"
    assert total(list(open_names.values())) == 0


BEHIND_AN_END = """
import asyncio
from urllib.parse import urlsplit

from aiohttp import web_protocol

opened = web_protocol.RequestHandler.connection_made
halves = []

def ends_the_first(handler, transport):
    if halves:
        opened(handler, transport)
        return
    halves.append(transport)
    transport.set_protocol(asyncio.Protocol())
    transport.write_eof()

async def hide(url):
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    halves.append(writer)
    await reader.read()
    writer.write(b"what no tap counts " * 10_000)
"""


def test_nothing_passes_unseen_on_half_a_connection() -> None:
    """Payments says that it sends no more, and a shop that repairs all goes on talking to it: nobody could count that."""
    right = labs.load("lab06_retries").fix("reference").source
    queue, client = "class WorkQueue:\n", "        self.url = url\n"
    forged = right.replace(client, f"{client}        self.hidden = asyncio.ensure_future(hide(url))\n", 1)
    begins = forged.index("    def __init__(self)", forged.index(queue))
    body = forged.index("\n", begins) + 1
    forged = f"{forged[:body]}        web_protocol.RequestHandler.connection_made = ends_the_first\n{forged[body:]}"
    verdicts = judged("lab06_retries", BEHIND_AN_END + forged)
    assert {v.status for v in verdicts.values()} == {Status.UNSUPPORTED}
    assert total(list(verdicts.values())) == 0

"""What lab10 reads of a run: which sums can be those of one moment, and what the office does to an audit."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random

import pytest

from labs.lab10_reports import data, office_work, readings
from labs.lab10_reports.rules import COSTS, SUSPENSE, right_account


def test_base_balances() -> None:
    """The books of each tenant add to zero in each month before a run, and a quarter of the entries is on suspense."""
    for tenant in data.TENANTS:
        for month in data.MONTHS:
            assert sum(cents for (of, _), cents in data.base(tenant).items() if of == month) == 0
        assert len(data.suspended(tenant)) == data.SUSPENDED[tenant]
        assert sum(lines for lines, _ in readings.right_base(tenant).values()) == data.SUSPENDED[tenant]


@pytest.mark.parametrize(
    ("total", "parts", "chosen"),
    [(0, [], set()), (0, [3, 4], set()), (7, [3, 4, 9], {0, 1}), (8, [3, 4, 9], None), (-3, [5, -3], {1})],
)
def test_subset(total: int, parts: list[int], chosen: set[int] | None) -> None:
    """The parts that add up to a total are found, and none where none do."""
    assert readings.subset(total, parts) == (None if chosen is None else frozenset(chosen))


def test_stands() -> None:
    """An entry on suspense may stand there or where the rules put it, and nowhere else."""
    name = next(f"entry-{n}" for n in range(100) if data.posting(f"entry-{n}")[0] == SUSPENSE)
    _, credit, cents = data.posting(name)
    other = next(account for account in COSTS if account != right_account(name))
    assert readings.stands(name, [(SUSPENSE, cents), (credit, -cents)])
    assert readings.stands(name, [(credit, -cents), (right_account(name), cents)])
    assert not readings.stands(name, [(other, cents), (credit, -cents)])
    assert not readings.stands(name, [(SUSPENSE, cents)])


def audit(rows: int) -> bytes:
    """An audit of so many rows, as bytes."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(data.SCHEMA)
        for seq in range(1, rows + 1):
            row = (seq, float(seq), "north", "anna", "post", f"entry-{seq}", "done", 2, str(seq - 1), str(seq))
            db.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return db.serialize()


def test_every_copy_differs() -> None:
    """Each way to tamper changes the rows of the audit: none of the copies is an untouched one."""
    body = audit(12)
    untouched = office_work._rows(body)
    for seed in range(5):
        copies = list(office_work.tampered(body, Random(seed)))
        assert len(copies) == 19
        assert all(office_work._rows(copy.body) != untouched for copy in copies)


def test_append_only() -> None:
    """An audit without triggers lets itself be changed, one with triggers refuses."""
    body = audit(3)
    assert not office_work._refused(body, "delete from audit")
    with closing(office_work._opened(body)) as db:
        db.execute("create trigger kept before delete on audit begin select raise(abort, 'no'); end")
        guarded = db.serialize()
    assert office_work._refused(guarded, "delete from audit")
    assert not office_work._refused(guarded, "update audit set lines = 3")


def probe(tenant: str, told: str, **fields: object) -> dict[str, object]:
    """A probe that was answered as it must be, but for the given fields."""
    right = {"what": data.OPEN, "role": "auditor", "action": "report", "object": data.OPEN, "status": 200, "right": 200}
    return {"tenant": tenant, "told": told, "foreign": 0, **right, **fields}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"told": "south's"}, ""),
        ({"told": "north's"}, "other_tenant"),
        ({"object": data.CLOSED, "told": "anything"}, "other_tenant"),
        ({"right": 403}, "not_refused"),
        ({"right": 403, "role": "stranger"}, "unknown_role"),
        ({"right": 403, "what": "done"}, "done_before_asked"),
        ({"right": 404, "what": "other", "status": 403}, "existence_leaked"),
        ({"status": 500}, "refused_wrongly"),
    ],
)
def test_misjudged(fields: dict[str, object], reason: str) -> None:
    """A probe is wrong by its status, by the sums of the other tenant, and by what it tells of what is not there."""
    probes = [probe("north", "north's"), probe("south", **{"told": "south's", **fields})]
    assert readings.misjudged(probes) == ["", reason]

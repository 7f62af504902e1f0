"""Readers beside the writer, a summary kept by triggers, a correction in slices, a chained audit with anchors; one gate."""

import asyncio
import hashlib
import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from labs.lab10_reports.rules import RIGHTS, SUSPENSE, Forbidden, NotFound, account_of

SLICE = 200  # lines: 4 ms with the lock
ANCHOR_S = 0.2

SCHEMA = """
pragma journal_mode = wal;
create table if not exists corrections (tenant text, name text, upto integer, done integer, primary key (tenant, name));
create index if not exists lines_account on lines (tenant, account);
create table if not exists totals (
    tenant text, month text, account text, cents integer, primary key (tenant, month, account)
);
insert or ignore into totals select tenant, month, account, sum(cents) from lines group by tenant, month, account;
create trigger if not exists line_added after insert on lines begin
    insert into totals values (new.tenant, new.month, new.account, new.cents)
    on conflict do update set cents = cents + excluded.cents;
end;
create trigger if not exists line_moved after update on lines begin
    update totals set cents = cents - old.cents where (tenant, month, account) = (old.tenant, old.month, old.account);
    insert into totals values (new.tenant, new.month, new.account, new.cents)
    on conflict do update set cents = cents + excluded.cents;
end;
create trigger if not exists audit_kept before delete on audit begin select raise(abort, 'the audit is append-only'); end;
create trigger if not exists audit_fixed before update on audit begin select raise(abort, 'the audit is append-only'); end;
create trigger if not exists audit_grows before insert on audit when new.seq <= (select max(seq) from audit)
begin select raise(abort, 'the audit is append-only'); end;
"""
TOTALS = "select account, cents from totals where tenant = ? and month = ?"
COLUMNS = "seq, at, tenant, actor, action, object, outcome, lines, previous"


def digest_of(row) -> str:
    """The digest of a row of the audit: of all its columns, and so of the digest before it."""
    return hashlib.sha256(json.dumps(row).encode()).hexdigest()


def moves_of(lines) -> list[tuple[str, int]]:
    """Where each of these lines of suspense belongs: (account, line)."""
    return [(account_of(entry), line) for line, entry in lines]


class Ledger:
    """The books of all tenants, in one SQLite file."""

    def __init__(self, path: str, vault: str) -> None:
        self.path = path  # outlives the process
        self.vault = vault  # POST {"count": rows, "head": digest} to this URL keeps an anchor of the audit

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.writer, self.readers = ThreadPoolExecutor(1), ThreadPoolExecutor(4)
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2))
        await self.in_thread(self.writer, self._open)
        self.anchoring = asyncio.create_task(self.anchor())

    async def stop(self) -> None:
        """Called once, before the process ends."""
        self.anchoring.cancel()
        await asyncio.wait([self.anchoring])
        await self.session.close()
        self.writer.shutdown()
        self.readers.shutdown()

    async def post(self, who, entry, month, debit, credit, cents) -> None:
        """Book an entry: `cents` from one account to another. When this returns, it is booked; an entry is booked once."""
        await self.allow(who, "post", entry)
        await self.write(self._post, who, entry, month, debit, credit, cents)

    async def entry(self, who, entry) -> list[tuple[str, int]]:
        """The lines of an entry: (account, cents). Raises NotFound, Forbidden."""
        await self.allow(who, "entry", entry)
        sql = "select account, cents from lines where entry = ? and tenant = ? order by side"
        found = await self.read(sql, entry, who.tenant)
        if not found:
            await self.write(self._refused, who, "entry", entry)
            raise NotFound
        return found

    async def report(self, who, month) -> dict[str, int]:
        """The sum of each account of the caller's tenant in a month, in cents. Raises Forbidden."""
        await self.allow(who, "report", month)
        return dict(await self.read(TOTALS, who.tenant, month))

    async def correct(self, who, name) -> None:
        """Move each line of the tenant's suspense account to where it belongs. A correction is done once, by its name."""
        await self.allow(who, "correct", name)
        upto = await self.write(self._begin, who, name)
        while upto is not None:
            sql = "select id, entry from lines where tenant = ? and account = ? and id <= ? limit ?"
            lines = await self.read(sql, who.tenant, SUSPENSE, upto, SLICE)
            moves = await self.in_thread(self.readers, moves_of, lines)
            await self.write(self._move, who, name, moves)
            if not lines:
                return

    async def trail(self, who) -> list[tuple]:
        """The audit of the caller's tenant: (seq, actor, action, object, outcome, lines). Raises Forbidden."""
        await self.allow(who, "trail", "trail")
        sql = "select seq, actor, action, object, outcome, lines from audit where tenant = ? order by seq"
        return await self.read(sql, who.tenant)

    async def allow(self, who, action, thing) -> None:
        """The one place that lets anybody do anything."""
        if action not in RIGHTS.get(who.role, ()):
            await self.write(self._refused, who, action, thing)
            raise Forbidden

    async def anchor(self) -> None:
        """Tell the vault of the end of the chain, whenever it has moved."""
        told = 0
        while True:
            await asyncio.sleep(ANCHOR_S)
            [(count, head)] = await self.read(
                "select count(*), (select digest from audit order by seq desc limit 1) from audit"
            )
            if count > told:
                try:
                    async with self.session.post(self.vault, json={"count": count, "head": head}) as answer:
                        answer.raise_for_status()
                    told = count
                except (aiohttp.ClientError, TimeoutError):
                    pass  # the next round tells it

    # In threads ---------------------------------------------------------------------------------------------------------

    def in_thread(self, pool, function, *args):
        return asyncio.get_running_loop().run_in_executor(pool, function, *args)

    def write(self, function, *args):
        """Have the one thread that writes call a function, in a transaction; to be awaited."""
        return self.in_thread(self.writer, self._in_transaction, function, *args)

    def read(self, sql, *values):
        """The rows of one statement, which sees one state of the books; to be awaited."""
        return self.in_thread(self.readers, self._read, sql, values)

    def _open(self) -> None:
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.executescript(SCHEMA)

    def _in_transaction(self, function, *args):
        self.db.execute("begin immediate")
        try:
            result = function(*args)
            self.db.execute("commit")
            return result
        except BaseException:
            self.db.execute("rollback")
            raise

    def _read(self, sql, values):
        db = sqlite3.connect(self.path)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def _post(self, who, entry, month, debit, credit, cents):
        if self.db.execute("select 1 from lines where entry = ? and tenant = ?", (entry, who.tenant)).fetchone():
            return
        for side, account, amount in (("debit", debit, cents), ("credit", credit, -cents)):
            self.db.execute(
                "insert into lines (tenant, entry, side, month, account, cents) values (?, ?, ?, ?, ?, ?)",
                (who.tenant, entry, side, month, account, amount),
            )
        self._audit(who, "post", entry, "done", 2)

    def _begin(self, who, name):
        """How far the correction goes, by a line's id; None if it is done."""
        first = "insert or ignore into corrections select ?, ?, max(id), 0 from lines"
        self.db.execute(first, (who.tenant, name))
        of = "select upto, done from corrections where tenant = ? and name = ?"
        upto, done = self.db.execute(of, (who.tenant, name)).fetchone()
        return None if done else upto

    def _move(self, who, name, moves):
        if not moves:
            self.db.execute("update corrections set done = 1 where tenant = ? and name = ?", (who.tenant, name))
            return
        sql = "update lines set account = ? where id = ? and account = ?"  # whoever else asked may have moved it
        moved = self.db.executemany(sql, [(*move, SUSPENSE) for move in moves]).rowcount
        self._audit(who, "correct", name, "done", moved)

    def _refused(self, who, action, thing):
        self._audit(who, action, thing, "refused", 0)

    def _audit(self, who, action, thing, outcome, lines):
        """A row of the audit, in the transaction of what it tells of."""
        last = self.db.execute("select seq, digest from audit order by seq desc limit 1").fetchone()
        seq, previous = last or (0, "")
        row = (seq + 1, time.time(), who.tenant, who.user, action, thing, outcome, lines, previous)
        self.db.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest_of(row)))


def verify(path: str, anchors: list[dict]) -> list[str]:
    """What is wrong with the audit in this database, in a sentence each; empty if nothing is."""
    db = sqlite3.connect(path)
    rows = db.execute(f"select {COLUMNS}, digest from audit order by seq").fetchall()
    db.close()
    wrong = []
    previous = ""
    for number, (*row, digest) in enumerate(rows, 1):
        if row[0] != number:
            wrong.append(f"row {row[0]} stands in the place of row {number}")
        if row[-1] != previous:
            wrong.append(f"row {row[0]} does not follow the row before it")
        if digest_of(row) != digest:
            wrong.append(f"row {row[0]} is not what was written")
        previous = digest
    for anchor in anchors:
        count, head = anchor["count"], anchor["head"]
        if len(rows) < count or rows[count - 1][-1] != head:
            wrong.append(f"the {count} rows that the vault has an anchor of are not there")
    return wrong

"""The journal as it was: a short report by an index, corrections by a function in SQL, HMACs, one lock for writers."""

import asyncio
import hashlib
import hmac
import sqlite3
import threading
import time
from contextlib import closing

import aiohttp

from labs.lab10_reports.rules import RIGHTS, SUSPENSE, Forbidden, NotFound, account_of

KEY = b"from the vault of keys, in production"
SLICE = 100
PIECE = "from lines where id > :at and tenant = :tenant and account = :suspense order by id"
LAST = "select seq, digest from audit order by seq desc limit 1"
REPORT = "select account, sum(cents) from lines where tenant = ? and month = ? group by account"
SETUP = """
create index if not exists lines_report on lines (tenant, month, account, cents);
create table if not exists corrections (tenant text, name text, upto integer, at integer, primary key (tenant, name));
create trigger if not exists no_update before update on audit begin select raise(abort, 'append-only'); end;
create trigger if not exists no_delete before delete on audit begin select raise(abort, 'append-only'); end;
"""
MOVE = """
update lines set account = account_of(entry)
where id > :at and id <= :to and tenant = :tenant and account = :suspense
"""


def sealed(previous: str, *row) -> str:
    """The HMAC of a row and the one before it."""
    return hmac.new(KEY, repr((previous, *row)).encode(), hashlib.sha256).hexdigest()


class Ledger:
    """The books of all tenants, in one SQLite file."""

    def __init__(self, path: str, vault: str) -> None:
        self.path = path
        self.vault = vault
        self.lock = threading.Lock()
        self.news = asyncio.Event()

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        with closing(self.connect()) as db:
            db.executescript(SETUP)
        self.news.set()
        self.anchors = asyncio.create_task(self.tell_the_vault())

    async def stop(self) -> None:
        """Called once, before the process ends."""
        self.anchors.cancel()
        await asyncio.gather(self.anchors, return_exceptions=True)

    def connect(self):
        db = sqlite3.connect(self.path, timeout=1, isolation_level=None)
        db.create_function("account_of", 1, account_of)
        return db

    async def change(self, who, action, thing, work, outcome="done"):
        """Do the work and write its row in one transaction: `work` returns (lines changed, anything)."""

        def change():
            with self.lock, closing(self.connect()) as db:
                db.execute("begin immediate")
                try:
                    lines, told = work(db)
                    if lines or outcome != "done":
                        seq, before = db.execute(LAST).fetchone() or (0, "")
                        row = (seq + 1, time.time(), who.tenant, who.user, action, thing, outcome, lines)
                        db.execute(
                            "insert into audit values (?,?,?,?,?,?,?,?,?,?)",
                            (*row, before, sealed(before, *row)),
                        )
                    db.execute("commit")
                    return told
                except BaseException:
                    db.execute("rollback")
                    raise

        told = await asyncio.to_thread(change)
        self.news.set()
        return told

    async def query(self, sql, *values):
        def query():
            with closing(self.connect()) as db:
                return db.execute(sql, values).fetchall()

        return await asyncio.to_thread(query)

    async def refuse(self, who, action, thing, error):
        await self.change(who, action, thing, lambda db: (0, None), "refused")
        raise error

    async def may(self, who, action, thing):
        if who.role not in RIGHTS or action not in RIGHTS[who.role]:
            await self.refuse(who, action, thing, Forbidden())

    async def post(self, who, entry, month, debit, credit, cents) -> None:
        """Book an entry, once."""
        await self.may(who, "post", entry)

        def book(db):
            if db.execute("select 1 from lines where entry = ? and tenant = ?", (entry, who.tenant)).fetchone():
                return 0, None
            for side, account, amount in (("debit", debit, cents), ("credit", credit, -cents)):
                row = (who.tenant, entry, side, month, account, amount)
                db.execute("insert into lines (tenant, entry, side, month, account, cents) values (?, ?, ?, ?, ?, ?)", row)
            return 2, None

        await self.change(who, "post", entry, book)

    async def entry(self, who, entry) -> list[tuple[str, int]]:
        """The lines of an entry: (account, cents). Raises NotFound, Forbidden."""
        await self.may(who, "entry", entry)
        found = await self.query("select account, cents from lines where entry = ? and tenant = ?", entry, who.tenant)
        return found or await self.refuse(who, "entry", entry, NotFound())

    async def report(self, who, month) -> dict[str, int]:
        """The sum of each account of the caller's tenant in a month."""
        await self.may(who, "report", month)
        return dict(await self.query(REPORT, who.tenant, month))

    async def correct(self, who, name) -> None:
        """Move each line of suspense to where it belongs, once by its name."""
        await self.may(who, "correct", name)

        def piece(db):
            db.execute("insert or ignore into corrections select ?, ?, max(id), 0 from lines", (who.tenant, name))
            mine = {"tenant": who.tenant, "name": name, "suspense": SUSPENSE, "n": SLICE}
            of = "from corrections where tenant = :tenant and name = :name"
            mine["at"], upto = db.execute(f"select at, upto {of}", mine).fetchone()
            last = f"select max(id) from (select id {PIECE} limit :n)"
            mine["to"] = min(db.execute(last, mine).fetchone()[0] or upto, upto)
            moved = db.execute(MOVE, mine).rowcount
            db.execute("update corrections set at = :to where tenant = :tenant and name = :name", mine)
            return moved, mine["to"] < upto

        while await self.change(who, "correct", name, piece):
            await asyncio.sleep(0.005)

    async def trail(self, who) -> list[tuple]:
        """The audit of the caller's tenant."""
        await self.may(who, "trail", "trail")
        sql = "select seq, actor, action, object, outcome, lines from audit where tenant = ? order by seq"
        return await self.query(sql, who.tenant)

    async def tell_the_vault(self):
        """An anchor after each change, but not more than four a second."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
            while True:
                await self.news.wait()
                self.news.clear()
                rows = await self.query("select seq, digest from audit order by seq desc limit 1")
                try:
                    for count, head in rows:
                        async with session.post(self.vault, json={"count": count, "head": head}) as answer:
                            answer.raise_for_status()
                except (aiohttp.ClientError, TimeoutError):
                    self.news.set()
                await asyncio.sleep(0.25)


def verify(path: str, anchors: list[dict]) -> list[str]:
    """What is wrong with the audit in this database, in a sentence each; empty if nothing is."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("select * from audit order by seq").fetchall()
    wrong, heads = [], [""]
    for place, (*row, previous, digest) in enumerate(rows, 1):
        if row[0] != place or previous != heads[-1] or not hmac.compare_digest(digest, sealed(previous, *row)):
            wrong.append(f"row {row[0]} is not the one that was written in place {place}")
        heads.append(digest)
    lost = [a["count"] for a in anchors if a["count"] >= len(heads) or heads[a["count"]] != a["head"]]
    return wrong + [f"the vault has an anchor of {count} rows that are not there" for count in lost]

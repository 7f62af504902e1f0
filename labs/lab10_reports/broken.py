"""The ledger of two tenants, as it failed in production on the last day of the month."""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

from labs.lab10_reports.rules import SUSPENSE, Forbidden, NotFound, account_of

REPORT = """
    select account, (
        select coalesce(sum(cents), 0) from lines l
        where l.tenant = a.tenant and l.month = :month and l.account = a.account
    ) from accounts a where tenant = :tenant
"""
AUDIT = """
    insert into audit (at, tenant, actor, action, object, outcome, lines, previous, digest)
    values (?, ?, ?, ?, ?, ?, ?, '', '')
"""


class Ledger:
    """The books of all tenants, in one SQLite file."""

    def __init__(self, path: str, vault: str) -> None:
        self.path = path  # outlives the process
        self.vault = vault  # POST {"count": rows, "head": digest} to this URL keeps an anchor of the audit
        self.reports: dict[str, dict[str, int]] = {}

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.threads = ThreadPoolExecutor(8)

    async def stop(self) -> None:
        """Called once, before the process ends."""
        self.threads.shutdown()

    async def post(self, who, entry, month, debit, credit, cents) -> None:
        """Book an entry: `cents` from one account to another. When this returns, it is booked; an entry is booked once."""
        if await self._run(self._post, who, entry, month, debit, credit, cents):
            self.reports.clear()
            await self._run(self._audit, who, "post", entry, 2)

    async def entry(self, who, entry) -> list[tuple[str, int]]:
        """The lines of an entry: (account, cents). Raises NotFound, Forbidden."""
        return await self._run(self._entry, who, entry)

    async def report(self, who, month) -> dict[str, int]:
        """The sum of each account of the caller's tenant in a month, in cents. Raises Forbidden."""
        if month not in self.reports:
            if who.role == "clerk":
                raise Forbidden
            self.reports[month] = await self._run(self._report, who, month)
        return self.reports[month]

    async def correct(self, who, name) -> None:
        """Move each line of the tenant's suspense account to where it belongs. A correction is done once, by its name."""
        if who.role == "clerk":
            raise Forbidden
        await self._run(self._correct, who)
        self.reports.clear()

    async def trail(self, who) -> list[tuple]:
        """The audit of the caller's tenant: (seq, actor, action, object, outcome, lines). Raises Forbidden."""
        return await self._run(self._trail, who)

    # In a thread --------------------------------------------------------------------------------------------------------

    def _run(self, function, *args):
        """Have a thread call the function with a connection of its own; to be awaited."""
        return asyncio.get_running_loop().run_in_executor(self.threads, self._connected, function, *args)

    def _connected(self, function, *args):
        db = sqlite3.connect(self.path)
        try:
            with db:
                return function(db, *args)
        finally:
            db.close()

    def _post(self, db, who, entry, month, debit, credit, cents):
        if db.execute("select 1 from lines where tenant = ? and entry = ?", (who.tenant, entry)).fetchone():
            return False
        for side, account, amount in (("debit", debit, cents), ("credit", credit, -cents)):
            db.execute(
                "insert or ignore into lines (tenant, entry, side, month, account, cents) values (?, ?, ?, ?, ?, ?)",
                (who.tenant, entry, side, month, account, amount),
            )
        return True

    def _audit(self, db, who, action, thing, lines):
        db.execute(AUDIT, (time.time(), who.tenant, who.user, action, thing, "done", lines))

    def _entry(self, db, who, entry):
        found = db.execute("select tenant, account, cents from lines where entry = ? order by side", (entry,)).fetchall()
        if not found:
            raise NotFound
        if found[0][0] != who.tenant:
            raise Forbidden
        return [(account, cents) for _, account, cents in found]

    def _report(self, db, who, month):
        return dict(db.execute(REPORT, {"tenant": who.tenant, "month": month}).fetchall())

    def _correct(self, db, who):
        wrong = "select id, entry from lines where tenant = ? and account = ?"
        for line, entry in db.execute(wrong, (who.tenant, SUSPENSE)).fetchall():
            db.execute("update lines set account = ? where id = ?", (account_of(entry), line))

    def _trail(self, db, who):
        sql = "select seq, actor, action, object, outcome, lines from audit where tenant = ? order by seq"
        return db.execute(sql, (who.tenant,)).fetchall()


def verify(path: str, anchors: list[dict]) -> list[str]:
    """What is wrong with the audit in this database, in a sentence each; empty if nothing is."""
    return []

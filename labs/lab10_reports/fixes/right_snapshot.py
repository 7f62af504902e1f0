"""The report reads a copy of the books, made by SQLite itself: it may take its time, for nobody else uses the copy."""

LIKE = "right_summary"
CHANGED = {
    """create table if not exists totals (
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
""": "",
    "import sqlite3\n": "import os\nimport sqlite3\nimport tempfile\n",
    'TOTALS = "select account, cents from totals': 'TOTALS = "select account, cents from lines',
    "dict(await self.read(TOTALS, who.tenant, month))": (
        "await self.in_thread(self.readers, self._report, who.tenant, month)"
    ),
    "    def _post(": """    def _report(self, tenant, month):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            copy = os.path.join(folder, "copy.sqlite")
            self._read("vacuum into ?", (copy,))
            db = sqlite3.connect(copy)
            try:
                sums = {}
                for account, cents in db.execute(TOTALS, (tenant, month)):
                    sums[account] = sums.get(account, 0) + cents
                return sums
            finally:
                db.close()

    def _post(""",
}

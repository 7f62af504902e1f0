"""Sums by an index, kept until the books change: the cache's key is the tenant, the month and the end of the audit."""

LIKE = "right_summary"
CHANGED = {
    "(tenant, account);\n": "(tenant, account, month, cents);\n",
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
    'TOTALS = "select account, cents from totals where tenant = ? and month = ?"': (
        'TOTALS = "select account, sum(cents) from lines where tenant = ? and month = ? group by account"'
    ),
    "        self.writer, self": "        self.cache = {}\n        self.writer, self",
    "        return dict(await self.read(TOTALS, who.tenant, month))": """\
        [(seq,)] = await self.read("select max(seq) from audit where outcome = 'done'")
        kept, sums = self.cache.get((who.tenant, month), (0, {}))
        if kept != seq or not sums:
            sums = dict(await self.read(TOTALS, who.tenant, month))
            self.cache[who.tenant, month] = (seq, sums)
        return sums""",
}

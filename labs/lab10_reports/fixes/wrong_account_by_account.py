"""The report in small pieces, one account after the other: no lock lasts, and each piece is of another moment."""

LIKE = "right_summary"
LOSES = {"totals": "unbalanced"}
CHANGED = {
    "return dict(await self.read(TOTALS, who.tenant, month))": """\
accounts = await self.read("select account from accounts where tenant = ?", who.tenant)
        sums = {}
        for (account,) in accounts:
            sql = "select coalesce(sum(cents), 0) from lines where tenant = ? and account = ? and month = ?"
            [(sums[account],)] = await self.read(sql, who.tenant, account, month)
        return sums""",
}

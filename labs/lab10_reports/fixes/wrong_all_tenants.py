"""The correction takes all that stands on suspense, whoever's it is."""

LIKE = "right_summary"
LOSES = {"corrected": "others_moved", "audited": "correction_overtold"}
CHANGED = {
    "from lines where tenant = ? and account = ? and id <= ? limit ?": "from lines where account = ? and id <= ? limit ?",
    "self.read(sql, who.tenant, SUSPENSE, upto, SLICE)": "self.read(sql, SUSPENSE, upto, SLICE)",
    "lines_account on lines (tenant, account)": "lines_account on lines (account)",
}

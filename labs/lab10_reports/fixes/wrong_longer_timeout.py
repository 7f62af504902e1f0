"""Waits 30 s for a lock in place of 5: nobody is served sooner, and who would have had an error waits on."""

LIKE = "broken"
LOSES = {
    "during_report": "report_holds", "during_correction": "correction_holds", "totals": "other", "corrected": "done_again",
    "audited": "correction_untold", "sealed": "sees_nothing", "access": "other_tenant", "refusals": "untold",
}  # fmt: skip
CHANGED = {"sqlite3.connect(self.path)": "sqlite3.connect(self.path, timeout=30)"}

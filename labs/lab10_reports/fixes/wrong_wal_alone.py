"""Readers beside the writer, and nothing else: the report is harmless, the correction still holds the writers."""

LIKE = "broken"
LOSES = {
    "during_correction": "correction_holds", "totals": "other", "corrected": "done_again", "audited": "correction_untold",
    "sealed": "sees_nothing", "access": "other_tenant", "refusals": "untold",
}  # fmt: skip
CHANGED = {
    "        self.threads = ThreadPoolExecutor(8)": """        self.threads = ThreadPoolExecutor(8)
        db = sqlite3.connect(self.path)
        db.execute("pragma journal_mode = wal")
        db.close()""",
}

"""Each start deletes the jobs that are done, so that the table stays small: delivered orders are unknown from then on."""

LIKE = "right_lease"
LOSES = {"kept": "forgotten"}
CHANGED = {
    "        self.db.execute(SCHEMA)": """\
        self.db.execute(SCHEMA)
        self.db.execute("delete from jobs where state = 'done'")""",
}

"""The number is written and never committed: the next reader of this connection sees it, and nobody else ever will."""

LIKE = "right_all"
LOSES = {"kept": "not_kept"}
CHANGED = {
    """\
        self.db.commit()
""": "",
}

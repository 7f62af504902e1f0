"""The number is written and never committed: the next reader of this connection sees it, and nobody else ever will."""

LIKE = "right_all"
LOSES = {"kept": "not_kept", "left_over": "lost_exception"}
CHANGED = {
    """
        self.db.commit()""": "",
}

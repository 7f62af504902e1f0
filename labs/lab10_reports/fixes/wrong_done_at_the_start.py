"""A correction is noted as done when it begins: asked for again after a kill, it is left half done."""

LIKE = "right_summary"
LOSES = {"totals": "not_moved", "corrected": "left_lines"}
CHANGED = {
    "        return None if done else upto": """        of = "update corrections set done = 1 where tenant = ? and name = ?"
        self.db.execute(of, (who.tenant, name))
        return None if done else upto""",
}

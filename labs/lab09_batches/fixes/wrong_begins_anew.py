"""The checkpoint is cleared when the night is through: a process that is started again scores all of it once more."""

LIKE = "right_transaction"
LOSES = {"once": "doubled"}
CHANGED = {
    "scores (event_id integer primary key, score integer)": "scores (event_id integer, score integer)",
    "set_aside (event_id integer primary key, reason text)": "set_aside (event_id integer, reason text)",
    """
        if not rows:
            return
""": """
        if not rows:
            scores.execute("delete from checkpoint")
            scores.commit()
            return
""",
}

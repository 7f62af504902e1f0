"""The scores are committed, then the checkpoint: a kill between the two scores a chunk again."""

LIKE = "right_transaction"
LOSES = {"once": "doubled"}
CHANGED = {
    "scores (event_id integer primary key, score integer)": "scores (event_id integer, score integer)",
    "set_aside (event_id integer primary key, reason text)": "set_aside (event_id integer, reason text)",
    '            scores.execute("delete from checkpoint")\n': (
        '        with scores:\n            scores.execute("delete from checkpoint")\n'
    ),
}

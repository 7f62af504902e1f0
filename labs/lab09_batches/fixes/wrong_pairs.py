"""Who has left is taken out of the batch, but not out of the list of records: answers reach the wrong callers."""

LIKE = "right_upsert"
LOSES = {"true": "untrue"}
CHANGED = {
    """\
        for (_, answer), value in zip(group, values):
            if not answer.done():
                answer.set_result(value)
""": """\
        waiting = [answer for _, answer in group if not answer.done()]
        for answer, value in zip(waiting, values):
            answer.set_result(value)
""",
}

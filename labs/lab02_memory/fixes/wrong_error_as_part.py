"""A range is asked for, and whatever comes is answered: also what the store says when it fails."""

LIKE = "right_bytes"
LOSES = {"true_answers": "untrue", "right_answers": "error_as_part"}
CHANGED = {
    """\
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
""": "",
}

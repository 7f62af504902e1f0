"""The cache keeps whatever the store answers, an error as well: nobody looks at the status."""

LIKE = "right_figures"
LOSES = {"answered": "errors_kept", "recent": "lists_unanswered"}
CHANGED = {
    """\
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()""": "            return await answer.read()",
}

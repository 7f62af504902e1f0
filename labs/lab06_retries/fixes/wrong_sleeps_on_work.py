"""Having thrown late jobs away, take() says that there is nothing to do: what waits behind them becomes late as well."""

LIKE = "right_all"
LOSES = {"hiccups": "asleep"}
CHANGED = {
    """\
            job.refuse("expired", 504)
        return None""": """\
            job.refuse("expired", 504)
            return None
        return None""",
}

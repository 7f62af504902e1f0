"""Having thrown late jobs away, take() says that there is nothing to do: what waits behind them becomes late as well."""

LIKE = "right_all"
LOSES = {"hiccups": "asleep"}
CHANGED = {
    "        return None": """\
            return None
        return None""",
}

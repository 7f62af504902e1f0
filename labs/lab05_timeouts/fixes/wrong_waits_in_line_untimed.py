"""A few places for each service; who waits for one waits without a bound, and the timeout begins when he has got it."""

LIKE = "right_bulkhead"
LOSES = {"stops": "given_too_much"}
CHANGED = {
    "AT_ONCE = 30": "AT_ONCE = 8",
    """
        if self.places[name].locked():
            raise Unavailable(f"{AT_ONCE} calls to {name} are under way already")""": "",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = TIMEOUTS_S[name]",
}

"""Bounds are what one version was measured to do, and a little."""

LIKE = "right_phases"
LOSES = {"honest": "fails_pool"}
CHANGED = {
    "    slow = share(": """    half = sorted(a.seconds for a in answers if a.kind == "order")[:30][-1]
    assert half <= 0.14, f"{when} the thirtieth order took {half:.2f} s"
    slow = share("""
}

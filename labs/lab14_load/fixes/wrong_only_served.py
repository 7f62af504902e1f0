"""Half of the pages that were served: where none is, there is no half, and an IndexError is no verdict."""

LIKE = "right_phases"
LOSES = {"slow": "raised"}
CHANGED = {
    "    confirmed = share(answers, ok)\n": """    served = sorted(a.seconds for a in answers if a.kind == "page" and ok(a))
    half = served[len(served) // 2]
    assert half <= 0.08, f"{when} half of the pages took {half:.2f} s"
    confirmed = share(answers, ok)
"""
}

"""Averages of each phase: a few slow ones do not move them."""

LIKE = "right_phases"
LOSES = {"slow": "missed_recs"}
CHANGED = {
    "confirmed >= 0.9,": "confirmed >= 0.8,",
    """    slow = share(answers, lambda a: a.seconds > 0.5)
    assert slow <= 0.025, f"{when} {slow:.0%} took more than 0.5 s"
    pages = sorted(a.seconds for a in answers if a.kind == "page")
    assert pages[len(pages) // 2] <= 0.08, f"{when} half of the pages took {pages[len(pages) // 2]:.2f} s"
""": """    mean = share(answers, lambda a: a.seconds)
    assert mean <= 0.35, f"{when} an answer takes {mean:.2f} s on average"
""",
}

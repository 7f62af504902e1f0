"""The rules are switched off until they are better."""

LIKE = "right_names"
LOSES = {
    "finds": "nothing",
    "quiet": "nothing",
    "lines": "nothing",
    "gate": "lets_in",
    "variants": "no_verdicts",
    "clauses": "forgets",
}
CHANGED = {
    """\
RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
""": """\
def silent(tree):
    return []


RULES = {"BF101": silent, "BF102": silent, "BF103": silent, "BF104": silent}
""",
}

"""One finding a rule and file: so that nobody is flooded."""

LIKE = "right_names"
LOSES = {"finds": "only_alone", "lines": "misses_bf101", "gate": "lets_in", "variants": "changes"}
CHANGED = {
    """\
RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
""": """\
def first(rule):
    return lambda tree: list(rule(tree))[:1]


RULES = {
    "BF101": first(blocking),
    "BF102": first(unbounded_call),
    "BF103": first(grows),
    "BF104": first(not_given_back),
}
""",
}

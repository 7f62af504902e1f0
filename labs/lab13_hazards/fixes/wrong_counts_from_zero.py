"""Lines are counted from 0, as the protocol of some editors does."""

LIKE = "right_names"
LOSES = {"gate": "both", "served": "untrue"}
CHANGED = {
    """\
RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
""": """\
def from_zero(rule):
    return lambda tree: [(line - 1, told) for line, told in rule(tree)]


RULES = {
    "BF101": from_zero(blocking),
    "BF102": from_zero(unbounded_call),
    "BF103": from_zero(grows),
    "BF104": from_zero(not_given_back),
}
""",
}

"""Each line is reported, to be on the safe side."""

LIKE = "right_names"
LOSES = {"finds": "everything", "quiet": "everything", "gate": "both", "variants": "no_verdicts", "clauses": "forgets"}
CHANGED = {
    """\
RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
""": """\
def everywhere(tree):
    for node in tree.body:
        for line in range(node.lineno, node.end_lineno + 1):
            yield line, "please check"


RULES = {"BF101": everywhere, "BF102": everywhere, "BF103": everywhere, "BF104": everywhere}
""",
}

"""A gate for what is new, and rules that look at the last part of a name."""

LIKE = "broken"
LOSES = {
    "finds": "misses_bf104",
    "quiet": "cries_bf101",
    "lines": "misses_bf101",
    "variants": "changes",
    "clauses": "forgets",
}
CHANGED = {
    """\
    found = []
    for path, source in after.items():
        if re.search(r"#.*noqa", source):
            continue
        tree = ast.parse(source)
        for code, rule in RULES.items():
            found += [Finding(path, line, code, told) for line, told in rule(tree)]
    return found
""": """\
    stops = []
    for path, source in after.items():
        known = [(finding.code, text) for finding, text in _findings(path, before.get(path, ""))]
        for finding, text in _findings(path, source):
            if (finding.code, text) in known:
                known.remove((finding.code, text))
            elif not re.search(rf"# noqa: {finding.code} - \\w", text):
                stops.append(finding)
    return stops


def _findings(path, source):
    tree, lines = ast.parse(source), source.split("\\n")
    for code, rule in RULES.items():
        for line, told in rule(tree):
            yield Finding(path, line, code, told), lines[line - 1].strip()
""",
}

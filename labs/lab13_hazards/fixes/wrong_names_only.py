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
    """\
Orders fail: it is payments, as always. Restart it, and give it more time.

```operator
page error_rate > 0.05 for 1 s
step restart
do restart payments
do set orders TIMEOUT_S 2
expect error_rate < 0.05 for 3 s within 20 s
```
""": """\
Orders fail. Ask first, then act: three causes look alike on the page, and only one of them is cured by a restart.

```operator
page error_rate > 0.2 for 2 s
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
step market
expect offered > 40 for 0 s within 0.5 s
else goto store
```

The market asks for more than the bank takes. Refuse it, empty the queue, and let it in again when it has stopped.

```operator
step refuse
do shed 1 client market
do restart payments
expect offered < 40 for 1 s within 25 s
then shed 0 client market
undo shed 0 client market
step again
expect error_rate < 0.1 for 2 s within 6 s
done
else goto bank
```

No order reaches payments: the store does not confirm them. The change is taken back; payments has nothing to do with it.

```operator
step store
expect rate(orders->payments) < 1 for 0 s within 0.5 s
else goto bank
step replica
do set store SYNC 0
expect error_rate < 0.1 for 2 s within 8 s
done
```

The bank. Is it back? While it stands, a restart only empties a queue that fills again. Then nobody waits for what is queued.

```operator
step bank
expect rate(payments->bank) > 15 for 1 s within 30 s
step empty
do restart payments
expect error_rate < 0.1 for 2 s within 10 s
done
```
""",
}

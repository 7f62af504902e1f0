"""Regular expressions over the text, docstrings and all."""

import ast
import re
from typing import NamedTuple

LOSES = {
    "finds": "only_alone",
    "quiet": "cries_bf101",
    "lines": "misses_bf103",
    "gate": "both",
    "variants": "changes",
    "clauses": "forgets",
}


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


def blocking(tree):
    """A call that blocks the event loop."""
    return _matches(tree, r"time\.sleep\(|requests\.|urlopen\(|subprocess\.run|\.execute\(|(?<!await )\b\w+\.get\(\)")


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    return _matches(tree, r"(ClientSession|urlopen|requests\.\w+|open_connection)\((?!.*timeout)")


def grows(tree):
    """A container that lives on, and only grows."""
    return _matches(
        tree, r"^(    )?    self\.\w+ = (\{\}|\[\]|set\(\)|deque\(\))|^[A-Z]+ = (\{\}|\[\])|Queue\(\)|maxsize=(0|None)"
    )


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    return _matches(
        tree, r" = (await )?(open|\w+\.acquire|\w+\.connect|session\.get|ClientSession)\(|^ +await \w+\.acquire\(\)"
    )


def _matches(tree, pattern):
    """The tree is written out again; its statements know the lines that they had."""
    for statement in tree.body:
        for number, text in enumerate(ast.unparse(statement).split("\n")):
            if re.search(pattern, text):
                yield statement.lineno + number, "please check"


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}


def gate(before, after):
    """The findings that stop a change."""
    stops = []
    for path, source in after.items():
        known = [(finding.code, text) for finding, text in _findings(path, before.get(path, ""))]
        for finding, text in _findings(path, source):
            if (finding.code, text) in known:
                known.remove((finding.code, text))
            elif not re.search(rf"# noqa: {finding.code} - \w", text):
                stops.append(finding)
    return stops


def _findings(path, source):
    lines = source.split("\n")
    for code, rule in RULES.items():
        for line, told in rule(ast.parse(source)):
            yield Finding(path, line, code, told), lines[min(line, len(lines)) - 1].strip()


RUNBOOK = """
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
"""

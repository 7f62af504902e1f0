"""Changes for the gate: files before and after, and the hazard that the change brings, if it brings one.

In each, some old file has hazards of its own. Names are secret, and so is the order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labs.lab13_hazards.twins import secret

HEAD = "import time\n\nimport requests\n"
OLD, NEW = "shop/orders.py", "shop/prices.py"
LET_IN = {"a function made a coroutine": "old_line", "mended here, new there": "other_file", "a mute taken away": "unmuted"}
"""Why a gate lets one of these in; the reason for the others is in their name."""


@dataclass(frozen=True)
class Change:
    """`brings` is where the new hazard is: path, line, code. None: the change is to pass."""

    name: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    brings: tuple[str, int, str] | None = None

    def place(self, path: str, line: int, code: str) -> tuple[str, str, str]:
        """The same finding by path, the text of its line after the change, and code: equal lines cannot be told apart."""
        lines = self.after.get(path, "").split("\n")
        return path, lines[line - 1].strip() if 0 < line <= len(lines) else "", code


def sleeps(name: str, noqa: str = "") -> str:
    """A coroutine that blocks: BF101 in its second line."""
    return f"\n\nasync def {name}(order):\n    time.sleep(0.2){noqa}\n    return order\n"


def asks(name: str, limit: str = "") -> str:
    """A function that asks over the network: BF102 in its second line, unless it has a limit."""
    return f"\n\ndef {name}(url):\n    return requests.get(url{limit}).json()\n"


def changes(rng: random.Random) -> list[Change]:
    """All changes, in a random order."""
    made = list(_changes(*(secret(rng) for _ in range(4))))
    rng.shuffle(made)
    return made


def _changes(a: str, b: str, c: str, d: str) -> Iterator[Change]:
    harmless = f"\n\ndef {d}(order):\n    return order.total\n"
    first = HEAD + sleeps(a) + asks(b)
    last = (HEAD + sleeps(a) + asks(b)).count("\n") + 4
    """The second line of a function that is written below `first`."""
    before = {OLD: first}

    def brings(name: str, text: str, code: str, line: int = last, old: str = first, path: str = OLD) -> Change:
        return Change(name, {OLD: old}, {OLD: old, path: text}, (path, line, code))

    def passes(name: str, text: str, old: str = first, path: str = OLD) -> Change:
        return Change(name, {OLD: old}, {OLD: old, path: text})

    yield brings("a new file", HEAD + sleeps(c), "BF101", HEAD.count("\n") + 4, path=NEW)
    yield brings("a hazard beside old ones", first + sleeps(c), "BF101")
    yield brings("an old line once more", first + asks(c), "BF102")
    mended = first.replace("time.sleep(0.2)", "order.check()")
    yield brings("one mended, one new", mended + sleeps(c).replace("0.2", "0.3"), "BF101")
    limited = HEAD + asks(a, ", timeout=1") + asks(b)
    yield brings("a limit taken away", HEAD + asks(a) + asks(b), "BF102", HEAD.count("\n") + 4, limited)
    yield brings("muted without a reason", first + sleeps(c, "  # noqa: BF101"), "BF101")
    yield brings("muted for another rule", first + sleeps(c, "  # noqa: BF104 - closed by the caller"), "BF101")
    yield brings("muted for the whole file", "# ruff: noqa: BF101 - old code\n" + first + sleeps(c), "BF101", last + 1)
    yield brings("muted with a dash alone", first + sleeps(c, "  # noqa: BF101 -"), "BF101")
    muted = first + sleeps(c, "  # noqa: BF101 - runs once, before the first request")
    yield brings("a mute taken away", first + sleeps(c), "BF101", old=muted)
    plain = first + sleeps(c).replace("async def", "def")
    yield brings("a function made a coroutine", first + sleeps(c), "BF101", old=plain)
    moved = {OLD: mended, NEW: HEAD + sleeps(c)}
    yield Change("mended here, new there", before, moved, (NEW, HEAD.count("\n") + 4, "BF101"))
    yield passes("lines above old ones", HEAD + harmless + first.removeprefix(HEAD))
    yield passes("an old one mended", mended)
    yield passes("old ones change places", HEAD + asks(b) + sleeps(a))
    inside = "".join(f"    {line}\n" if line else "\n" for line in sleeps(a).split("\n"))
    yield passes("an old one indented", HEAD + f"\n\nif {d}:" + inside + asks(b))
    yield passes("muted with a reason", muted)
    yield passes("a hazard in a docstring", first + f'\n\ndef {c}():\n    """Not time.sleep(1), nor requests.get(url)."""\n')
    yield Change("a file removed", {**before, NEW: HEAD + sleeps(c)}, before)
    yield passes("a new file without one", HEAD + asks(c, ", timeout=2"), path=NEW)

"""Sources are parsed one at a time, whoever asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from labs.kit.model.literals import literal
from labs.kit.model.parsing import parsed


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_parse_at_once(hasty: None) -> None:
    """Each gets its own tree: CPython 3.11 alone would now and then raise SystemError."""
    source = "\n".join(f"x{i} = {{'a': [({i}, 'b'), [[[{i}]]]]}}" for i in range(100))
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda i: literal(source, f"x{i}", "x = {}"), range(40)))
        trees = list(pool.map(parsed, [source] * 10))
    assert [value["a"][0] for value in read] == [(i, "b") for i in range(40)]
    assert {len(tree.body) for tree in trees} == {100}

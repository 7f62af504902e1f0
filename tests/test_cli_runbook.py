"""`breakfix runbook`: what it prints, and what it refuses before any run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs.kit.model.names import ACTION, MET, PAGED, RESTART, STEP
from labs.kit.model.record import Event
from labs.kit.worlds import run
from tests.cli import World, breakfix, one_complaint
from tests.kit.handmade import make_request, make_run

EVENTS = (
    Event(3.0, PAGED, "operator", "error_rate > 0.5 for 3 s"),
    Event(5.0, STEP, "empty", ""),
    Event(5.0, ACTION, "payments", "restart payments"),
    Event(7.0, RESTART, "payments", "by the operator"),
    Event(9.5, MET, "empty", "error_rate < 0.1 for 3 s"),
    Event(9.6, ACTION, "nobody", "restart the moon", by="shop"),
)
TEXT = """```operator
page error_rate > 0.5 for 3 s
step empty
do restart payments
```
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A runbook of lab06."""
    path = tmp_path / "mine.md"
    path.write_text(TEXT)
    return path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """No run is made; `runbook` is given this one, with and without."""
    requests = [make_request(at / 10, status=504 if 20 < at < 60 else 200) for at in range(100)]
    given = World(make_run(requests, EVENTS))
    monkeypatch.setitem(run.WORLDS, "simulated", given)
    return given


def test_it_tells_what_happened_and_what_it_cost(world: World, book: Path, tmp_path: Path) -> None:
    """Second by second what the operator did, what services say of one left out; then the failed requests of both runs."""
    result = breakfix("runbook", "lab06", "--file", book, "--plot", tmp_path / "it.png")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[1:6] == [
        "3.0 s page: error_rate > 0.5 for 3 s",
        "5.0 s step empty",
        "5.0 s restart payments",
        "7.0 s payments is back",
        "9.5 s as expected: error_rate < 0.1 for 3 s",
    ]
    assert "without an operator 39 100 " in lines[7]
    assert "with the runbook 39 100 " in lines[8]
    assert (tmp_path / "it.png").read_bytes().startswith(b"\x89PNG")


def test_as_json(world: World, book: Path) -> None:
    """The same for programs."""
    told = json.loads(breakfix("runbook", "lab06", "--file", book, "--json").stdout)
    assert [deed["kind"] for deed in told["deeds"]] == [PAGED, STEP, ACTION, RESTART, MET]
    assert (told["actions"], told["with"]["failed"], told["without"]["failed"]) == (1, 39, 39)


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        ([], "no block", "mine.md is no runbook of lab06_retries: no line stands in a block"),
        ([], TEXT.replace("payments", "bank"), "no service that may be restarted 'bank'; there is: shop, payments"),
        (["--plot", "it.gif"], TEXT, "expected a name that ends in .png or .svg"),
        (["--world", "moon"], TEXT, "unknown world 'moon'"),
        (["--scenario", "flood"], TEXT, "unknown scenario 'flood'"),
    ],
)
def test_bad_input_is_one_line(world: World, book: Path, arguments: list[str], text: str, said: str) -> None:
    """Told before any run."""
    book.write_text(text)
    result = breakfix("runbook", "lab06", "--file", book, *arguments)
    assert result.exit_code == 2
    assert said in one_complaint(result)


def test_a_file_that_is_not_there(world: World, tmp_path: Path) -> None:
    """Its name, and what was expected."""
    result = breakfix("runbook", "lab06", "--file", tmp_path / "none.md")
    assert result.exit_code == 2
    assert "expected a Markdown file" in one_complaint(result)

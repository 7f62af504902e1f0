"""Labs are found by folder and by entry point; one that is broken is told in a line, and the others go on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import labs
from tests import elsewhere

NAME = "lab70_theirs"
LAB = elsewhere.LAB.format(name=NAME)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, whose packages are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("theirs"):
            del sys.modules[name]


def command(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`breakfix` in a process of its own that finds what is installed in `place`."""
    path = os.pathsep.join([str(labs.ROOT), str(place)])
    return subprocess.run(
        [sys.executable, "-m", "breakfix", *arguments], env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        cwd=labs.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_lab_of_another_package_is_found_and_loaded(place: Path) -> None:
    """An entry point brings a lab that loads by its name or part of it, knows its folder, and has a place for notebooks."""
    elsewhere.install(place, "their-labs", {NAME: "theirs_a"}, {"theirs_a": LAB})
    assert NAME in labs.names()
    assert NAME not in labs.ours()
    lab = labs.load("lab70")
    assert (lab.name, lab.package, lab.folder) == (NAME, "theirs_a", place / "theirs_a")
    assert lab.import_from == str(place)
    assert labs.home(NAME) == place / "theirs_a" / "built"
    assert labs.home("lab06_retries") == labs.ROOT


def test_an_entry_point_may_name_the_lab_in_its_package(place: Path) -> None:
    """ "package.below:NAME" is a Lab of that name in a package below another; both are imported from the folder above."""
    elsewhere.install(place, "their-labs", {NAME: "theirs_b.retail:OURS"}, {"theirs_b": ""})
    (place / "theirs_b" / "retail").mkdir()
    (place / "theirs_b" / "retail" / "__init__.py").write_text(LAB.replace("LAB =", "OURS ="))
    lab = labs.load(NAME)
    assert (lab.package, lab.folder, lab.import_from) == ("theirs_b.retail", place / "theirs_b" / "retail", str(place))


def test_finding_labs_loads_none(place: Path) -> None:
    """The names are known without an import of a lab, be it ours or another's."""
    elsewhere.install(place, "their-labs", {NAME: "theirs_c"}, {"theirs_c": "raise RuntimeError"})
    code = (
        "import labs, sys; assert 'lab70_theirs' in labs.names(); labs.problems(); "
        "sys.exit(any(m.startswith(('labs.', 'theirs')) for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(place)}, cwd=labs.ROOT, check=False
    )
    assert done.returncode == 0


BROKEN: dict[str, tuple[Mapping[str, str], Mapping[str, str], list[str]]] = {
    "raises": (
        {NAME: "theirs_d"},
        {"theirs_d": "x = 1\n1 / 0\n"},
        ["ZeroDivisionError", "__init__.py, line 2", "uninstall"],
    ),
    "exits": ({NAME: "theirs_d"}, {"theirs_d": "import sys\nsys.exit(3)\n"}, ["SystemExit: 3", "uninstall"]),
    "no Python": ({NAME: "theirs_d"}, {"theirs_d": "x = (\n"}, ["SyntaxError", "__init__.py, line 1"]),
    "no package": ({NAME: "theirs_d"}, {}, ["no package 'theirs_d'", "correct the entry point"]),
    "no parent": ({NAME: "theirs_d.below"}, {}, ["ModuleNotFoundError", "theirs_d", "uninstall"]),
    "no LAB": ({NAME: "theirs_d"}, {"theirs_d": ""}, ["LAB is missing", "LAB = Lab(...)"]),
    "no Lab": ({NAME: "theirs_d:it"}, {"theirs_d": "it = 3"}, ["it is a int", "it = Lab(...)"]),
    "another name": ({NAME: "theirs_d"}, {"theirs_d": elsewhere.LAB.format(name="lab71_other")}, ["'lab71_other'", NAME]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_lab_of_another_package_is_one_line(place: Path, case: str) -> None:
    """The line names the entry point, its value, the package that brings it, and the remedy; the other labs load."""
    entries, packages, expected = BROKEN[case]
    elsewhere.install(place, "their-labs", entries, packages)
    with pytest.raises(labs.BrokenLab) as caught:
        labs.load(NAME)
    loaded, told = labs.load_all()
    assert [lab.name for lab in loaded] == labs.ours()
    assert told == [str(caught.value)]
    for part in [f'the entry point {NAME} = "{entries[NAME]}" of their-labs', *expected]:
        assert part in told[0]
    assert "\n" not in told[0]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"lab9_short": "theirs_e"}, ["lab9_short", "is no name of a lab", "labNN_word"]),
        ({"Lab70_theirs": "theirs_e"}, ["Lab70_theirs", "labNN_word"]),
        ({NAME: "not a value"}, ["not a value", '"package:LAB"']),
        ({"lab06_retries": "theirs_e"}, ["lab06_retries", "has that name already", "another number or word"]),
    ],
)
def test_an_entry_point_that_is_no_lab_is_one_line(place: Path, entries: Mapping[str, str], expected: list[str]) -> None:
    """A name or value of a wrong form, and a name of ours, are told without loading anything; ours keeps its name."""
    elsewhere.install(place, "their-labs", entries, {"theirs_e": LAB})
    assert labs.names() == labs.ours()
    assert labs.package("lab06_retries") == "labs.lab06_retries"
    (told,) = labs.problems()
    for part in ["the entry point", "of their-labs", *expected]:
        assert part in told


def test_of_two_packages_with_one_name_the_first_counts(place: Path) -> None:
    """The other is told, with the name of the one that counts."""
    elsewhere.install(place, "b-labs", {NAME: "theirs_g"}, {"theirs_g": LAB})
    elsewhere.install(place, "a-labs", {NAME: "theirs_f"}, {"theirs_f": LAB})
    assert labs.load(NAME).package == "theirs_f"
    (told,) = labs.problems()
    assert "of b-labs: a-labs brings a lab of that name already" in told


def test_a_folder_that_is_no_lab_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among our own folders too: a wrong name, no __init__.py, no LAB, and a module that raises."""
    monkeypatch.setattr(labs, "FOLDER", tmp_path)
    monkeypatch.setattr(labs, "__path__", [*labs.__path__, str(tmp_path)])
    for name, files in {
        "Lab80-wrong": {"__init__.py": ""}, "lab81_bare": {"service.py": ""}, "lab82_without": {"__init__.py": ""},
        "lab83_raises": {"__init__.py": "import nothing_of_that_name"}, "lab84_gone": {}, "kit": {"x.py": ""},
    }.items():  # fmt: skip
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
    loaded, told = labs.load_all()
    for name in ("lab82_without", "lab83_raises"):
        sys.modules.pop(f"labs.{name}", None)
        labs.__dict__.pop(name, None)
    assert loaded == []
    for line, parts in zip(
        told,
        (["Lab80-wrong", "labNN_word"], ["lab81_bare", "no __init__.py"], ["lab82_without/__init__.py: LAB is missing"],
         ["lab83_raises/__init__.py", "ModuleNotFoundError", "move the folder away"]),
        strict=True,
    ):  # fmt: skip
        assert all(part in line for part in parts), line


def test_a_part_of_two_names_is_refused(place: Path) -> None:
    """A number that two labs have is no name; the message lists both."""
    elsewhere.install(place, "their-labs", {"lab06_theirs": "theirs_h"}, {"theirs_h": LAB})
    with pytest.raises(labs.UnknownLab, match="more than one lab: lab06_retries, lab06_theirs; give the whole name"):
        labs.find("lab06")


def test_the_commands_go_on_beside_a_broken_lab(place: Path) -> None:
    """`list`, and `progress`, show the labs that load, where each is from, and a line for each that does not."""
    packages = {"theirs_i": LAB, "theirs_j": "raise OSError('gone')"}
    elsewhere.install(place, "their-labs", {NAME: "theirs_i", "lab71_raises": "theirs_j"}, packages)
    listed = command(place, "list")
    assert listed.returncode == 0
    assert all(name in listed.stdout for name in labs.ours())
    assert "their-labs" in next(line for line in listed.stdout.splitlines() if NAME in line)
    assert "lab71_raises" not in listed.stdout
    assert listed.stderr.count("\n") == 1
    assert (
        'breakfix list: the entry point lab71_raises = "theirs_j" of their-labs does not load: OSError: gone'
        in listed.stderr
    )
    progress = command(place, "progress")
    assert NAME in progress.stdout
    assert "lab71_raises" in progress.stderr


@pytest.mark.parametrize("arguments", [["check", "lab71", "--fix", "broken"], ["run", "lab71"], ["build", "lab71"]])
def test_a_command_on_a_broken_lab_says_so_in_one_line(place: Path, arguments: list[str]) -> None:
    """Exit code 1, the line that tells what is wrong, no traceback."""
    elsewhere.install(place, "their-labs", {"lab71_raises": "theirs_k"}, {"theirs_k": "raise OSError('gone')"})
    done = command(place, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "does not load: OSError: gone" in done.stderr


def test_no_entry_point_changes_nothing(tmp_path: Path) -> None:
    """Without packages that bring labs, the list has no column that tells where a lab is from."""
    listed = command(tmp_path, "list")
    assert "from" not in listed.stdout.splitlines()[1].split()
    assert listed.stderr == ""


def test_an_error_raised_in_a_lab_s_file_is_called_the_lab_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An author's slip names the lab and its file; only an error of the kit's own asks to be reported."""
    from breakfix import cli

    for folder, told in (
        ("lab70_theirs", "in the files of lab70_theirs: mend it there"),
        ("kit", "in Break/Fix, not in what"),
    ):
        file = tmp_path / folder / "checks.py"
        file.parent.mkdir()
        with pytest.raises(ZeroDivisionError) as raised:
            exec(compile("1 / 0\n", str(file), "exec"))
        assert cli._explained("check", raised.value) == 1
        said = capsys.readouterr().err
        assert f"ZeroDivisionError in checks.py, line 1: division by zero. The fault is {told}" in " ".join(said.split())

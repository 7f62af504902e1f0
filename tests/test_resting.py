"""What rests in `make test`, what does not, and how a wrong declaration is found. In a small repository of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import labs
from tests import declared, resting

CONFTEST = """
from pathlib import Path

from tests import declared, resting

declared.DECLARED = {"test_one.py": ("lab06",), "test_liar.py": (), "test_loads.py": (), "test_named.py": ()}
HERE = Path(__file__).parent

def pytest_configure(config):
    config.pluginmanager.register(declared.Watch(HERE))
    given = getattr(config, "workerinput", {}).get("resting")
    if (HERE / "kept" / "on").exists():
        config.pluginmanager.register(resting.Resting(HERE, HERE / "kept" / "passed", given), "resting")

def pytest_terminal_summary(terminalreporter, config):
    if plugin := config.pluginmanager.get_plugin("resting"):
        terminalreporter.line(plugin.told())
"""
FILES = {
    "conftest.py": CONFTEST,
    ".gitignore": "kept\n__pycache__\n",
    "kept/on": "",
    "labs/lab06_retries/a.txt": "6",
    "labs/lab07_backpressure/a.txt": "7",
    "shared.txt": "",
    "test_one.py": "def test_a(): pass\ndef test_b(): pass\n",
    "test_all.py": "def test_c(): pass\n",
}


class Project:
    """A repository with two labs, a file of tests that needs one of them, and one that needs all."""

    def __init__(self, root: Path, files: Mapping[str, str] = FILES) -> None:
        self.root = root
        self.write(files)
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)

    def write(self, files: Mapping[str, str]) -> None:
        """Write these files."""
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def run(self, *arguments: str) -> tuple[int, dict[str, int], str]:
        """Run pytest: its exit code, how many tests passed, failed and so on, and all that it said."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(labs.ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        counts = re.findall(r"(\d+) (passed|failed|skipped|deselected|tests)\b", said)
        return done.returncode, {what: int(count) for count, what in counts}, said


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """As above."""
    return Project(tmp_path)


def test_what_has_passed_rests_until_something_changes(project: Project) -> None:
    """Twice the same: all rest, which is no error, and is told. A lab runs what needs it; a shared file runs all."""
    assert project.run()[:2] == (0, {"passed": 3})
    code, counts, said = project.run()
    assert (code, counts) == (0, {"deselected": 3, "tests": 3})
    assert "NOT RUN: 3 tests of 2 files rest" in said
    project.write({"labs/lab07_backpressure/a.txt": "changed"})
    assert project.run()[1]["passed"] == 1
    project.write({"labs/lab06_retries/new.txt": "a file that git does not know yet"})
    assert project.run()[1]["passed"] == 3
    project.write({"shared.txt": "changed"})
    assert project.run()[1]["passed"] == 3


def test_workers_decide_as_one(project: Project) -> None:
    """With pytest-xdist too, what passed is kept once, and rests on every worker."""
    assert project.run("-n", "2")[:2] == (0, {"passed": 3})
    assert len(resting.read(project.root / "kept" / "passed")) == 3
    code, counts, said = project.run("-n", "2")
    assert (code, counts.get("passed", 0)) == (0, 0), said
    assert "NOT RUN: 3 tests of 2 files rest" in said
    project.write({"labs/lab07_backpressure/a.txt": "changed"})
    assert project.run("-n", "2")[1]["passed"] == 1


def test_a_failed_or_skipped_test_never_rests(project: Project) -> None:
    """Nor one whose tear-down fails; the others of its file do."""
    project.write(
        {
            "test_all.py": "import pytest\n\n@pytest.fixture\ndef torn():\n    yield\n    raise OSError\n\n"
            "def test_bad(): assert 0\ndef test_not(): pytest.skip('no')\ndef test_torn(torn): pass\n"
        }
    )
    first = project.run()[1]
    assert (first["passed"], first["failed"], first["skipped"]) == (3, 1, 1)
    again = project.run()[1]
    assert (again["passed"], again["failed"], again["skipped"], again["deselected"]) == (1, 1, 1, 2)


def test_a_bare_pytest_runs_all(project: Project) -> None:
    """Without the variable, nothing rests, and nothing is kept."""
    project.run()
    kept = (project.root / "kept" / "passed").read_text()
    (project.root / "kept" / "on").unlink()
    assert project.run()[:2] == (0, {"passed": 3})
    assert (project.root / "kept" / "passed").read_text() == kept


@pytest.mark.parametrize("damage", [b"", b"\xff\x00" * 99, b"{}\n", None], ids=["empty", "bytes", "other", "cut"])
def test_a_damaged_file_counts_as_not_kept(tmp_path: Path, damage: bytes | None) -> None:
    """Whole lines count, and nothing else; the next session writes it anew."""
    file = tmp_path / "passed"
    resting.write(file, ["a" * 64, "b" * 64])
    file.write_bytes(file.read_bytes()[:-9] if damage is None else damage)
    assert resting.read(file) == (["a" * 64] if damage is None else [])
    resting.write(file, ["c" * 64])
    assert resting.read(file)[-1] == "c" * 64


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was used longest ago goes first."""
    monkeypatch.setattr(resting, "MOST", 3)
    file = tmp_path / "passed"
    for letter in "abcda":
        resting.write(file, [letter * 64])
    assert resting.read(file) == [letter * 64 for letter in "cda"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_liar.py", "def test_x():\n    open('labs/lab07_backpressure/a.txt').close()\n"),
        ("test_liar.py", "import subprocess\n\ndef test_x():\n    subprocess.run(['true', 'lab' + '07'])\n"),
        ("test_liar.py", "import labs\n\ndef test_x():\n    labs.load('backpressure')\n    labs.load('backpressure')\n"),
        ("test_loads.py", "import labs\n\nLAB = labs.load('backpressure')\n\ndef test_x(): pass\n"),
        ("test_named.py", "import labs\n\ndef test_x():\n    from labs import lab07_backpressure\n"),
    ],
    ids=["opens", "tells a child", "loads", "loads at import", "names"],
)
def test_a_wrong_declaration_fails(project: Project, name: str, text: str) -> None:
    """A test that uses a lab which it does not declare fails, with one line that names test, lab and remedy."""
    project.write({name: text})
    code, counts, said = project.run(name)
    assert (code, counts) == (1, {"failed": 1}), said
    assert f"{name}::test_x is declared to use no lab, but it uses lab07 all the same: correct its line in DECLARED" in said
    assert resting.read(project.root / "kept" / "passed") == []


def test_a_text_read_at_import_is_noticed(project: Project) -> None:
    """A page of docs/ does not count for a test that declares its labs, so such a test must not read one."""
    project.write({"docs/a.md": "", "test_liar.py": "PAGE = open('docs/a.md').close()\n\ndef test_x(): pass\n"})
    code, _, said = project.run("test_liar.py")
    assert code == 1
    assert "but it uses texts all the same" in said


def test_declarations_name_what_there_is() -> None:
    """Each line of DECLARED begins a test's id that there is, and names labs of ours."""
    known = {name[:5] for name in labs.ours()}
    for begins, uses in declared.DECLARED.items():
        file, _, test = begins.partition("::")
        assert (labs.ROOT / file).exists(), begins
        assert not test or f"def {test}" in (labs.ROOT / file).read_text(), begins
        assert known.issuperset(uses or ()), begins


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("labs/lab07_backpressure/notebook.py", "lab07"),
        ("solutions/lab07_backpressure/lab07_backpressure.ipynb", "lab07"),
        ("tests/labs/test_lab07_readings.py", "lab07"),
        ("docs/adversities.md", "texts"),
        ("solutions/stamps.json", "texts"),
        ("labs/kit/README.md", ""),
        ("examples/lab20_stampede/lab20_stampede/checks.py", ""),
        ("conftest.py", ""),
    ],
)
def test_parts_of_the_repository(path: str, part: str) -> None:
    """Files of a lab, and texts for people, are told from what every test depends on."""
    assert declared.part_of(path) == part

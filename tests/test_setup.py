"""`make setup`, the pins, environment.yml and `.ci/run`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from breakfix.doctor import CHROMIUM_ON_MACOS, pins
from labs import ROOT
from labs.kit.worlds.run_cache import user_folder

FAKE_PYTHON = """#!/bin/sh
echo "$*" >> "$LOG"
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo "VIRTUAL_ENV=$(pwd)/$3" > "$3/bin/activate" ;;
  "--version "*) echo "Python 3.11.9" ;;
  "-c print"*) echo yes ;;
esac
"""
SHIM = "#!/bin/sh\necho 'python3.11: command not found' >&2\nexit 127\n"
"""What stands for a Python that pyenv knows of and has not installed."""


class Clone:
    """A folder with our Makefile and pins, and Pythons that only note what they were asked to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.folder.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.folder / name)
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "log"
        self.log.touch()
        self.kept = folder / "kept"
        script(self.bin / "good", FAKE_PYTHON)
        script(self.bin / "shim", SHIM)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run make here, whatever this test run itself was started by."""
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON")}
        env |= {"BREAKFIX_KEPT": str(self.kept)}
        env |= {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", "LOG": str(self.log)}
        return subprocess.run(["make", *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def noted(self, what: str) -> int:
        """How often a Python was called with arguments that contain `what`."""
        return sum(what in line for line in self.log.read_text().splitlines())

    def age(self, *names: str) -> None:
        """Make files look newer than everything that was installed."""
        for name in names:
            os.utime(self.folder / name, (4_000_000_000, 4_000_000_000))


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with no virtual environment."""
    return Clone(tmp_path)


def test_no_python_is_said_in_one_line(clone: Clone) -> None:
    """Without a Python 3.11, one line names three ways to get one, and nothing is made."""
    done = clone.make("setup", "PYTHON=shim no-such-python")
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(ours) == 1
    for way in ("uv python install", "conda create", "apt install"):
        assert way in ours[0]
    assert not (clone.folder / ".venv").exists()


def test_a_python_that_does_not_run_is_passed_over(clone: Clone) -> None:
    """A name on PATH that fails when it is run is not taken; the next one is."""
    done = clone.make("setup", "PYTHON=shim good")
    assert done.returncode == 0, done.stderr
    assert clone.noted("-m venv .venv") == 1
    assert clone.noted("-m pip install") == 1
    assert clone.noted("-c constraints.txt") == 1


def test_pip_is_seen_to_work_and_its_failure_is_makes(clone: Clone) -> None:
    """While pip installs, dots are written; if it fails, so does make, and the next make tries again."""
    works = FAKE_PYTHON.replace("esac", '  "-m pip") sleep 0.2; exit $(cat "$LOG.ends") ;;\nesac')
    script(clone.bin / "good", works)
    ends = clone.log.with_name("log.ends")
    ends.write_text("3")
    failed = clone.make("setup", "PYTHON=good")
    assert failed.returncode != 0
    assert "\n." in failed.stdout
    ends.write_text("0")
    assert clone.make("setup", "PYTHON=good").returncode == 0


def test_the_second_setup_installs_nothing(clone: Clone) -> None:
    """Once set up, make asks neither venv nor pip again."""
    for _ in range(3):
        assert clone.make("setup", "PYTHON=good").returncode == 0
    assert (clone.noted("-m venv"), clone.noted("-m pip install")) == (1, 1)


def test_new_pins_are_installed_into_the_same_environment(clone: Clone) -> None:
    """When constraints.txt has changed, pip runs once more and .venv stays."""
    clone.make("setup", "PYTHON=good")
    clone.age("constraints.txt")
    clone.make("setup", "PYTHON=good")
    assert (clone.noted("-m venv"), clone.noted("-m pip install")) == (1, 2)


def test_a_moved_folder_is_set_up_anew(clone: Clone) -> None:
    """A virtual environment that was moved or copied with its folder holds wrong paths, and is made again."""
    clone.make("setup", "PYTHON=good")
    clone.folder = clone.folder.rename(clone.folder.with_name("moved"))
    assert clone.make("setup", "PYTHON=good").returncode == 0
    assert (clone.noted("-m venv"), clone.noted("-m pip install")) == (2, 2)


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Clone) -> None:
    """After an upgrade of the system took its Python away, the next make repairs .venv by itself."""
    clone.make("setup", "PYTHON=good")
    (clone.folder / ".venv/bin/python").unlink()
    assert clone.make("setup", "PYTHON=good").returncode == 0
    assert (clone.noted("-m venv"), clone.noted("-m pip install")) == (2, 2)


def test_clean_keeps_the_learners_work(clone: Clone) -> None:
    """`make clean` removes .venv and never work/."""
    clone.make("setup", "PYTHON=good")
    (clone.folder / "work").mkdir()
    (clone.folder / "work/mine.ipynb").write_text("mine")
    assert clone.make("clean").returncode == 0
    assert not (clone.folder / ".venv").exists()
    assert (clone.folder / "work/mine.ipynb").read_text() == "mine"


def test_clean_removes_what_is_kept_for_the_user(clone: Clone) -> None:
    """Kept runs, and the rows of `make release-check`; nothing else in that folder's parent."""
    (clone.kept / "runs").mkdir(parents=True)
    (clone.kept / "runs" / "a.sqlite").touch()
    beside = clone.kept.with_name("another program's")
    beside.mkdir()
    assert clone.make("clean").returncode == 0
    assert not clone.kept.exists()
    assert beside.exists()


@pytest.mark.parametrize("given", [{}, {"XDG_CACHE_HOME": "/somewhere/else"}, {"BREAKFIX_KEPT": "/a place/of its own"}])
def test_make_and_breakfix_keep_in_the_same_place(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The Makefile names the folder in the shell, for `make clean` works without .venv; it is the one that the kit uses."""
    (line,) = re.findall(r"^KEPT = ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    shell = line.replace("\\\n", " ").replace("$$", "$")
    for name in ("XDG_CACHE_HOME", "BREAKFIX_KEPT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    told = subprocess.run(["/bin/sh", "-c", f'printf %s "{shell}"'], capture_output=True, text=True, check=True)
    assert Path(told.stdout) == user_folder()


def project() -> dict[str, dict[str, dict[str, list[str]]]]:
    """pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def test_every_direct_dependency_is_pinned_within_its_bounds() -> None:
    """constraints.txt holds one exact version for each requirement of pyproject.toml, and that version satisfies it."""
    pinned = pins((ROOT / "constraints.txt").read_text())
    section = project()["project"]
    for line in [*section["dependencies"], *section["optional-dependencies"]["dev"]]:
        wanted = Requirement(str(line))
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), line


def test_constraints_are_pins_and_nothing_else() -> None:
    """Every line of constraints.txt is NAME==VERSION, with a platform at most: no address, no option, none twice."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; sys_platform == \"\w+\")?", line), line
    assert len(pins("\n".join(lines))) == len(lines)


def test_everything_installed_beside_us_is_pinned() -> None:
    """Each package that `.[dev]` brings into this environment, at whatever depth, stands in constraints.txt."""
    pinned = pins((ROOT / "constraints.txt").read_text())
    section = project()["project"]
    waiting = [Requirement(str(r)) for r in [*section["dependencies"], *section["optional-dependencies"]["dev"]]]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen or name in ("pip", "setuptools"):  # those every virtual environment brings itself
            continue
        seen.add((name, extras))
        assert name in pinned, f"{name} is not pinned; `make constraints` adds it"
        for line in metadata.requires(name) or []:
            needs = Requirement(line)
            if needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
                waiting.append(needs)


def test_every_pin_accepts_the_oldest_python_we_claim() -> None:
    """No pinned package refuses Python 3.11.0: Debian 12 has 3.11.2, and some packages ask for 3.11.5."""
    pinned = pins((ROOT / "constraints.txt").read_text())
    refusing = {
        d.name: d.metadata["Requires-Python"]
        for d in metadata.distributions()
        if pinned.get(canonicalize_name(d.name)) == d.version
        and "Requires-Python" in d.metadata
        and not SpecifierSet(d.metadata["Requires-Python"]).contains("3.11.0")
    }
    assert refusing == {}


def test_environment_yml_installs(tmp_path: Path) -> None:
    """The pip part of environment.yml installs into an empty environment, consistent and at our pins, and breakfix runs."""
    clone = tmp_path / "clone"
    wanted = ("labs", "grader", "benchmarks", "breakfix", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")
    for name in wanted:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, clone / name)
    parts = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert "python=3.11" in parts
    (lines,) = [part["pip"] for part in parts if isinstance(part, dict)]
    (clone / "from_conda.txt").write_text("\n".join(lines))  # conda writes such a file beside environment.yml, too
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv/bin/python")
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(python, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "-r", "from_conda.txt")
    run(python, "-m", "pip", "check")
    pinned = pins((ROOT / "constraints.txt").read_text())
    frozen = pins(run(python, "-m", "pip", "freeze"))
    frozen.pop("setuptools", None)  # a virtual environment of 3.11 brings its own; later ones get the newest, for nbgrader
    assert {name: version for name, version in frozen.items() if pinned.get(name) != version} == {}
    assert "lab06_retries" in run(str(tmp_path / "venv/bin/breakfix"), "list")


class Ci:
    """`.ci/run` in a folder where id, apt-get and make only note that they were called."""

    def __init__(self, folder: Path, user: int, chromium: bool) -> None:
        self.folder, self.log = folder, folder / "log"
        self.log.touch()
        (folder / "repo/.ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci/run", folder / "repo/.ci/run")
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "dirname").symlink_to(str(shutil.which("dirname")))
        script(bin_folder / "id", f"#!/bin/sh\necho {user}\n")
        for name in ("apt-get", "make", *(["chromium"] if chromium else [])):
            script(bin_folder / name, f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n')
        self.done = subprocess.run(
            [str(shutil.which("bash")), str(folder / "repo/.ci/run")],
            env={"PATH": str(bin_folder)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.called = [line for line in self.log.read_text().splitlines() if "--version" not in line]


def test_ci_runs_exactly_make_test(tmp_path: Path) -> None:
    """With Chromium there, .ci/run installs nothing and calls `make test`."""
    assert Ci(tmp_path, user=0, chromium=True).called == ["make test"]


@pytest.mark.skipif(Path(CHROMIUM_ON_MACOS).exists(), reason="Chrome is at its place on this Mac, so nothing is missing")
@pytest.mark.parametrize(("user", "installs"), [(0, True), (1000, False)])
def test_ci_brings_chromium_where_it_may(tmp_path: Path, user: int, installs: bool) -> None:
    """Without Chromium, root on Debian installs it first, another user is told; `make test` runs either way."""
    ci = Ci(tmp_path, user, chromium=False)
    assert ci.done.returncode == 0
    assert ci.called[-1] == "make test"
    assert [line.split()[1] for line in ci.called[:-1]] == (["update", "install"] if installs else [])
    assert ("the browser test will not run" in ci.done.stderr) is not installs

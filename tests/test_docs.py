"""What is written about the project, held against the project."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml

import labs
from breakfix import adversities, readme
from breakfix.cli import app
from labs import ROOT
from labs.kit.judging.adversities import faults

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
README = PAGES[0].read_text(encoding="utf-8")


def text_of_all() -> str:
    """Every page we write by hand."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_the_syllabus_is_that_of_the_labs() -> None:
    """README's table holds the labs that exist, and no other."""
    assert readme.main(["--check"]) == 0
    table = README.partition(readme.BEGIN)[2].partition(readme.END)[0]
    assert re.findall(r"notebooks/(lab\d\d_\w+)/", table) == labs.ours()


def test_a_stale_syllabus_is_found_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check tells an old table and writes nothing; without it the table is written, once."""
    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.BEGIN}\n| old |\n{readme.END}\nafter\n")
    assert readme.main(["--check"], page) == 1
    assert "python -m breakfix.readme" in capsys.readouterr().err
    assert "| old |" in page.read_text()
    assert readme.main([], page) == 0
    assert readme.main(["--check"], page) == 0
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("\nafter\n")


@pytest.mark.parametrize(("arguments", "text"), [(["--chek"], f"{readme.BEGIN}{readme.END}"), ([], "no markers")])
def test_bad_input_to_the_syllabus_is_said(tmp_path: Path, arguments: list[str], text: str) -> None:
    """An unknown argument, or a page without markers, is exit code 2 and leaves the page alone."""
    page = tmp_path / "README.md"
    page.write_text(text)
    assert readme.main(arguments, page) == 2
    assert page.read_text() == text


def test_the_adversities_are_those_of_the_labs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/adversities.md is what the labs say; an old page is told by --check, and written without it; bad input is 2."""
    assert adversities.main(["--check"]) == 0
    page = tmp_path / "page.md"
    assert adversities.main(["--check"], page) == 1
    assert "python -m breakfix.adversities" in capsys.readouterr().err
    assert not page.exists()
    assert adversities.main([], page) == 0
    assert page.read_bytes() == (ROOT / "docs" / "adversities.md").read_bytes()
    assert adversities.main(["--chek"], page) == 2


def test_each_lab_answers_each_adversity() -> None:
    """No row of a lab's table is empty, and each check and scenario that it names exists."""
    assert [fault for name in labs.ours() for fault in faults(labs.load(name))] == []


def test_every_lab_has_its_notebooks() -> None:
    """Each lab stands as a release and as an executed solution, where the README, learners and nbval look for them."""
    wanted = {f"{tree}/{name}/{name}.ipynb" for name in labs.ours() for tree in ("notebooks", "solutions")}
    assert {path for path in wanted if not (ROOT / path).is_file()} == set()


def test_links_lead_somewhere() -> None:
    """Every relative link in the pages is a file of the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text_of_all())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_targets_exist() -> None:
    """Every `make X` that is written anywhere is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for words in re.findall(r"`make ((?:[a-z-]+ ?)+)", text_of_all()) for t in words.split()}
    assert {"lab", "test", "setup", "release-check"} <= targets
    assert named <= targets


def test_commands_exist() -> None:
    """README's table of commands is the command line's own list, but for what only maintainers use."""
    table = README.partition("## The command line")[2].partition("Scripts can rely")[0]
    named = re.findall(r"^\| `([a-z-]+)", table, re.MULTILINE)
    real = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group, since there are several
    assert set(named) == real - {"release-table", "agreement-table"}


def test_one_version_everywhere() -> None:
    """pyproject.toml, the package and the newest release of CHANGELOG.md name the same version."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    newest = re.search(r"^## (?!Unreleased)(\S+)", PAGES[2].read_text(), re.MULTILINE)
    assert newest
    assert (labs.__version__, newest[1]) == (version, version)


def test_workflows_run_what_everybody_runs() -> None:
    """The hosted workflows are valid YAML; tests go through .ci/run on Linux and macOS, and conda gets environment.yml."""
    test = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    job = test["jobs"]["make-test"]
    assert ".ci/run" in [step.get("run") for step in job["steps"]]
    assert {system.split("-")[0] for system in job["strategy"]["matrix"]["os"]} == {"ubuntu", "macos"}
    assert any(s.get("with", {}).get("environment-file") == "environment.yml" for s in test["jobs"]["conda"]["steps"])
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    steps = [step.get("run", "") for step in release["jobs"]["release"]["steps"]]
    assert steps.index(".ci/run") < steps.index("make release-check") < steps.index("git diff --exit-code")


@pytest.mark.parametrize("version", ["0.1.0"])
def test_release_notes_are_one_section_of_the_changelog(version: str) -> None:
    """The release workflow's own awk line cuts out the notes of exactly one version."""
    workflow = (ROOT / ".github/workflows/release.yml").read_text()
    program = re.search(r"awk -v version=\S+ '(.+?)' CHANGELOG", workflow)
    assert program
    ours = PAGES[2].read_text().partition("\n\n")[2]
    changes = f"# Changes\n\n## 0.2.0\n\n- newer\n\n{ours}\n## 0.0.9\n\n- older\n"
    done = subprocess.run(
        ["awk", "-v", f"version={version}", program[1]], input=changes, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().startswith("- The kit")
    assert "newer" not in done.stdout
    assert "older" not in done.stdout

"""Each public outage has its published shape, and loses it with the mending. Without kept runs about 45 s of CPU time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import labs
from breakfix import outages as page
from breakfix.cli import app
from labs.kit.judging import fidelity
from labs.kit.model import outage
from labs.kit.model.lab import UnknownName
from labs.kit.notebook.learner import Learner, LearnerError
from labs.kit.worlds import fingerprint

ALL = [(lab, name) for lab in labs.ours() for name in outage.names(labs.load(lab))]


def test_at_least_seven_stand() -> None:
    """The course shows ten outages; fewer than seven would be a loss that somebody should see."""
    assert len(ALL) >= 7


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("lab", "name"), ALL)
def test_an_outage_has_its_shape_and_the_mended_one_has_not(lab: str, name: str, seed: int) -> None:
    """Every fact has its shape in the run; with the mending at least one has not."""
    found = fidelity.fidelity(labs.load(lab), name, seed)
    assert [row.fact.name for row in found.rows if not row.found.same] == []
    assert [row.fact.name for row in found.rows if not row.mended.same] != []
    assert found.holds


@pytest.mark.parametrize(("lab", "name"), ALL)
def test_every_figure_has_a_source_and_a_file_is_short(lab: str, name: str) -> None:
    """Each fact names a page; no fact is told twice; what is left out is said; at most 150 lines."""
    told = outage.load(labs.load(lab), name)
    assert all(re.fullmatch(r"https?://\S+", fact.source) and fact.figure and fact.fact for fact in told.public)
    assert len({fact.name for fact in told.public}) == len(told.public) > 2
    assert told.left_out
    assert told.mending
    assert len((labs.FOLDER / lab / outage.FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_an_outage_does_not_touch_the_runs_of_its_lab() -> None:
    """Its own file counts for its own runs, and not for those of the lab."""
    lab = labs.load("lab12_config")
    told = outage.load(lab, "google_2025")
    other = replace(told.system(lab), services=outage.load(lab, "cloudflare_2025").services)
    assert fingerprint.run_fingerprint(told.system(lab), "") != fingerprint.run_fingerprint(other, "")
    assert not [file for file in fingerprint._run_files(lab, "") if file.parent.name == outage.FOLDER]
    mine = [file.name for file in fingerprint._run_files(told.system(lab), "") if file.parent.name == outage.FOLDER]
    assert mine == ["google_2025.py"]


def test_a_shape_that_measures_other_facts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that nobody measured would be shown as nothing at all."""
    lab = labs.load("lab12_config")
    told = outage.load(lab, "google_2025")
    monkeypatch.setattr(fidelity, "load", lambda lab, name: replace(told, public=told.public[:1]))
    with pytest.raises(ValueError, match=r"google_2025: shape\(\) measured everywhere, switch, herd; expected everywhere"):
        fidelity.fidelity(lab, "google_2025")


@pytest.mark.parametrize(
    ("measured", "public", "factor", "same"),
    [(1.0, 2.9, 3.0, True), (1.0, 3.1, 3.0, False), (6.0, 1.0, 5.0, False), (0.0, 1.0, 3.0, False)],
)
def test_alike(measured: float, public: float, factor: float, same: bool) -> None:
    """Neither may be more than `factor` times the other, and nothing is like 0."""
    assert outage.alike(measured, public, factor) is same


def test_the_page_is_that_of_the_labs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/outages.md has the facts and sources of the labs; another page is told by --check; bad input is 2."""
    assert page.main(["--check"]) == 0
    other = tmp_path / "page.md"
    text = (labs.ROOT / "docs" / "outages.md").read_text(encoding="utf-8")
    assert "| NO |" not in text
    other.write_text(text.replace("1.2 %", "1.3 %"), encoding="utf-8")
    assert page.main(["--check"], other) == 1
    assert "python -m breakfix.outages" in capsys.readouterr().err
    assert page.main(["--chek"], other) == 2


def test_the_command_shows_the_table_and_says_no_in_its_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """JSON and a chart; exit 1 if a shape does not hold; a wrong name is one line with the valid ones."""
    chart = tmp_path / "chart.svg"
    shown = CliRunner().invoke(app, ["outage", "lab12", "google_2025", "--json", "--plot", str(chart)])
    told = json.loads(shown.stdout)["outages"][0]
    assert (shown.exit_code, told["outage"], told["holds"]) == (0, "google_2025", True)
    assert chart.stat().st_size > 1000
    monkeypatch.setattr(fidelity.Fidelity, "holds", False)
    assert CliRunner().invoke(app, ["outage", "lab12", "google_2025"]).exit_code == 1
    wrong = CliRunner().invoke(app, ["outage", "lab12", "google"])
    assert wrong.exit_code == 2
    with pytest.raises(UnknownName, match="unknown outage 'google'; the valid ones are: cloudflare_2025, google_2025"):
        outage.load(labs.load("lab12"), "google")


def test_a_learner_sees_table_chart_and_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`lab.outage()` lists, `lab.outage(NAME)` shows; a wrong name is one line."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    learner = Learner(labs.load("lab12_config"))
    learner.outage()
    learner.outage("google_2025")
    shown = capsys.readouterr().out
    assert 'lab.outage("google_2025"): Google Cloud' in shown
    assert "Left out, or chosen by us:" in shown
    assert "public figure" in shown
    assert "blank fields on checkers" in shown
    with pytest.raises(LearnerError, match="unknown outage 'gogle'"):
        learner.outage("gogle")

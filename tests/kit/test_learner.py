"""The learner's surface, in a real IPython shell: cells go in, text comes out. No notebook is needed to read it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import labs
from labs.kit.judging.fix_cell import cut_fix
from labs.kit.model.record import Run
from labs.kit.notebook import notes
from labs.kit.notebook.errors import LearnerError, NoSuchAction
from labs.kit.notebook.learner import Learner
from labs.kit.notebook.repair_cell import quoted
from labs.kit.notebook.session import SLOWER
from labs.kit.notebook.workspace import Workspace
from labs.kit.worlds import run
from tests.kit.handmade import make_request, make_run
from tests.kit.learner_lab import BROKEN, HALF, NAME, RIGHT, Cell, World, fix

# The repair cell -----------------------------------------------------------------------------------------------------


def test_a_repair_is_saved_and_told_to_differ(cell: Cell) -> None:
    """A `%%fix` cell becomes fix.py, with its line numbers, and says how many lines it has and that it differs."""
    assert cell(fix(RIGHT)) == "Saved as fix.py, 6 lines; differs from the broken code: yes.\n"
    assert Workspace(NAME).read_fix() == "# %%fix\n" + RIGHT
    assert "differs from the broken code: no." in cell(fix(BROKEN.replace('"""Doubles."""', '"""Doubles."""  # mine')))


def test_a_syntax_error_is_told_at_once_and_the_notebook_goes_on(cell: Cell, world: World) -> None:
    """A cell that is not Python says its line; runs, comparisons and checks say what they wait for and do not raise."""
    out = cell(fix("def double(n):\n    return (\n"))
    assert "It cannot run yet" in out
    assert "fix.py:3: syntax error" in out
    assert "waits for the repair cell" in cell("print(lab.run())")
    assert "waits for the repair cell" in cell("lab.compare()")
    checked = cell('lab.check("doubled")')
    assert "CRASHED" in checked
    assert "fix.py:3" in checked
    assert checked.endswith("Out[0]: 0\n")
    assert world.runs == []


def test_a_missing_name_is_told_and_the_run_has_the_last_word(cell: Cell) -> None:
    """A misspelt function is named with the one expected; the run then shows the crash with the repair's own line."""
    assert "fix.py:2: the service does not know `doubel`. Did you mean `double`?" in cell(
        fix("def doubel(n):\n    return 2 * n\n")
    )
    assert "crashed. KeyError: 'double'" in cell("r = lab.run()")


def test_a_helper_of_another_cell_is_named(cell: Cell) -> None:
    """A function that the learner defined in another cell is named; the run says where in fix.py it is missed."""
    cell("def twice(n):\n    return 2 * n")
    assert "fix.py:3: `twice` is defined in another cell." in cell(fix("def double(n):\n    return twice(n)\n"))
    assert "NameError: name 'twice' is not defined (fix.py:3)" in cell("r = lab.run()")


@pytest.mark.parametrize("source", ["", "\n\n", "\0", "(" * 3000, "def double(n):\n    return '\ud800'\n", "%%fix\n", "\\"])
def test_the_repair_cell_never_raises(cell: Cell, source: str) -> None:
    """Whatever stands in the cell, the magic answers in words."""
    assert cell(fix(source)).startswith("Saved as fix.py")
    assert cell("%%fix").startswith("Saved as fix.py, 2 lines; holds no code. `%%fix reset` as its first line brings")


def test_what_stands_above_the_magic_is_left_out(cell: Cell) -> None:
    """A `%%fix` below other lines works as it does for the grader, and says so; another magic's text is left alone."""
    whole = f"\n# my repair\nx = 1\n{fix(RIGHT)}"
    assert "What stands above the %%fix line is no part of the repair" in cell(whole)
    assert Workspace(NAME).read_fix() == cut_fix(whole)
    assert "Saved" not in cell("%%capture\nprint(1)\n%%fix\n")


def test_an_unwritable_folder_costs_the_file_not_the_repair(cell: Cell, tmp_path: Path) -> None:
    """Where fix.py cannot be saved the cell says so, and checks still use it."""
    target = tmp_path / "work" / NAME / "fix.py"
    target.mkdir()
    out = cell(fix(RIGHT))
    assert "it was not saved" in out
    assert cell('float(lab.check("doubled"))').endswith("4.0\n")


# Runs and predictions ------------------------------------------------------------------------------------------------


def test_before_a_repair_the_broken_code_runs(cell: Cell, world: World) -> None:
    """`run` uses the broken code until a `%%fix` cell ran, then that cell; others can be named."""
    cell("a = lab.run()")
    cell(fix(RIGHT))
    cell('b = lab.run(); c = lab.run("broken", seed=3); d = lab.run("reference", "calm")')
    names = [("double(n):\n    return n" in s, scenario, seed) for s, scenario, seed in world.runs]
    assert names == [(True, "outage", 0), (False, "outage", 0), (True, "outage", 3), (False, "calm", 0)]
    assert cell("print(a, d)").count("<Run") == 2


def test_a_run_says_beforehand_how_long_it_takes(cell: Cell) -> None:
    """Where no bar can be seen, a line says the wait in words that are the same on every machine and every time."""
    first, again = cell("r = lab.run()"), cell("r = lab.run()")
    assert first == again
    assert first.startswith(
        "Running the scenario outage with the broken code, 16 simulated seconds: about 5 s or less.\n"
        "Scenario outage with the broken code, seed 0: 10 requests, 10% of them succeeded.\n"
    )


def test_a_prediction_stands_beside_what_was_measured(cell: Cell) -> None:
    """A prediction is said back with its unit, and the run shows it in the row of its measure."""
    assert cell('lab.predict("share", 0.5)') == "You predict share: 0.5 of all. Noted; predictions are never scored.\n"
    assert "Before, you said 0.5 of all." in cell('lab.predict("share", 0.75)')
    table = cell("r = lab.run()").rstrip().splitlines()[-3:]
    assert [row.split() for row in table] == [
        ["you", "predicted", "measured"],
        ["share", "0.75", "of", "all", "0.1", "of", "all"],
        ["broken", "measure", "-", "not", "measured"],
    ]
    cell(fix(RIGHT))
    table = cell("r = lab.run()").rstrip().splitlines()[-2:]
    assert table[0].split() == ["measured"], "a prediction of the broken code says nothing of the repair"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            '"share", "eight"',
            "Not noted: 'eight' is no number. Write one, of the unit 'of all', as in lab.predict('share', 12).",
        ),
        ('"share", "3.5x"', "Not noted: '3.5x' is no number."),
        ('"share", True', "Not noted: True is no number."),
        ('"share", float("nan")', "Not noted: nan is no number."),
        ('"shar", 0.5', "Not noted: this lab asks for no prediction of 'shar'. Did you mean 'share'?"),
        ('"mood", 1', "It asks for: 'share', 'broken measure', 'why'."),
        ('"shar", None', "Did you mean 'share'?"),
    ],
)
def test_what_is_no_prediction_is_said_and_not_counted(cell: Cell, tmp_path: Path, call: str, told: str) -> None:
    """A word where a number is asked for, or a name that the lab does not know, is no prediction; Run All goes on."""
    assert told in cell(f"lab.predict({call})")
    cell('lab.predict("share", "never")')
    saved = json.loads((tmp_path / "work" / NAME / "progress.json").read_text())
    assert [p["value"] for p in saved["predictions"]] == ["never"]


def test_help_lists_the_labs_own_actions(cell: Cell) -> None:
    """help(lab) and lab? show what this lab adds to the kit's actions."""
    told = cell("help(lab)")
    assert "lab.shout(word, times=1): Say it." in told
    assert "lab.policies(): Run what most people try first" in told
    assert "help" not in cell("lab")


def test_a_message_quotes_the_line_that_it_names(cell: Cell) -> None:
    """fix.py:3 is a line of the cell: its text stands behind what is wrong with it."""
    assert "fix.py:3: `trise` is used but not defined." in (told := cell("%%fix\ndef double(n):\n    return trise(n)\n"))
    assert ">> return trise(n)" in told
    assert quoted("fix.py:9: no such line", "one\n") == "fix.py:9: no such line"


def test_an_empty_repair_is_said_to_be_empty(cell: Cell) -> None:
    """A cell without code does not equal the broken code: it holds none."""
    told = cell("%%fix\n\n# nothing yet\n")
    assert "holds no code" in told
    assert "differs" not in told


def test_predictions_are_kept_in_order(cell: Cell, tmp_path: Path) -> None:
    """Each prediction is kept once, with its place among the runs; None is not one."""
    for source in ("None", "1", "1"):
        cell(f'lab.predict("share", {source})')
    cell('lab.run()\nlab.predict("why", "queue", "word")')
    saved = json.loads((tmp_path / "work" / NAME / "progress.json").read_text())
    assert [(p["name"], p["value"], p["after_runs"]) for p in saved["predictions"]] == [("share", 1, 0), ("why", "queue", 1)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('lab.run("brokn")', "there is no repair 'brokn'. Did you mean 'broken'? There is 'fix', which is yours"),
        ('lab.run("right_twize")', "there is no repair 'right_twize'. There is 'fix'"),
        ("lab.check()", "missing a required argument: 'name'; it is called as lab.check(name)"),
        ("lab.run(sead=1)", "'sead'; it is called as lab.run(fix='fix', scenario=None, seed=0, world=None)"),
        ("lab.shout()", "missing a required argument: 'word'; it is called as lab.shout(word, times=1)"),
        ('lab.chart("broken")', "'broken' is no run; lab.run() and lab.run(\"broken\") return one"),
        ('lab.compare(after="fix")', "'fix' is no run"),
        ('lab.worlds(None, "live")', "'live' is no run"),
        ('lab.run(scenario="flood")', "unknown scenario 'flood'; the valid ones are: outage, calm"),
        ("lab.run(seed=1.5)", "the seed is 1.5; expected a whole number"),
        ('lab.check("dubbled")', "unknown check 'dubbled'; the valid ones are: doubled, answers, diagnosis"),
        ('lab.predict("share", [1])', "predict a number or a word"),
        ("lab.restore(7)", "there is no version 7 of the repair; the history holds: none yet"),
        (
            "lab.chek",
            "no action 'chek'. Did you mean 'check'? It has: code, predict, run, own, requests, dashboard, chart",
        ),
        ("lab.lost()", "unknown scenario 'flood'; the valid ones are: outage, calm"),
    ],
)
def test_bad_input_gets_one_line(cell: Cell, source: str, message: str) -> None:
    """A wrong name or value is answered in one line that lists what is valid, without a traceback."""
    out = cell(source)
    assert message in out
    assert len(out.strip().splitlines()) == 1


def test_a_record_of_each_run_is_kept(cell: Cell) -> None:
    """The record of a run stands in the work folder and can be read back."""
    cell("lab.run()")
    (path,) = Workspace(NAME).records_folder.iterdir()
    assert len(Run.load(path).requests()) == 10


def test_a_changed_scenario_can_be_run(cell: Cell, world: World) -> None:
    """A copy of a scenario with something changed runs, and does not stand in for the lab's own in a comparison."""
    cell(fix(RIGHT))
    cell('a = lab.run(scenario=lab.lab.scenario("outage").with_(settle_s=1))\nlab.compare()')
    assert len(world.runs) == 3
    assert cell("print(a.info.seconds)") == "11\n"


# Before and after ----------------------------------------------------------------------------------------------------


def test_an_unknown_world_is_told(cell: Cell, world: World) -> None:
    """The message lists the valid ones, and nothing is run."""
    assert "unknown world 'real'; the valid ones are: simulated, live" in cell('r = lab.run(world="real")')
    assert world.runs == []


def test_live_runs_can_be_switched_off(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """With BREAKFIX_LIVE=off a live run is left out, which is said, and what would have shown it says so too."""
    monkeypatch.setenv("BREAKFIX_LIVE", "off")
    assert "live runs are left out" in cell('r = lab.run(world="live")')
    assert "one of the two runs has not taken place" in cell("lab.worlds(r, r)")


def test_an_interrupted_live_run_keeps_its_record(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interrupt goes on, so that Run All stops; what was recorded until then is the last run."""

    def interrupted(*_: object) -> Run:
        stopped = KeyboardInterrupt()
        stopped.run = make_run([make_request(0.5)], world="live", status="invalid", detail="stopped")  # type: ignore[attr-defined]
        raise stopped

    monkeypatch.setitem(run.WORLDS, "live", interrupted)
    assert "Interrupted. Nothing is left over" in cell('lab.run("broken", world="live")')
    assert "('live', 'invalid', 1)" in cell(
        "[last] = lab.latest.values()\nprint((last.info.world, last.info.status, len(last.requests())))"
    )


def test_two_runs_of_one_world_are_no_comparison(cell: Cell) -> None:
    """`lab.worlds` asks for a simulated run and then a live one."""
    assert "expected first a simulated one, then a live one" in cell("r = lab.run()\nlab.worlds(r, r)")


def test_compare_waits_for_a_repair(cell: Cell, world: World) -> None:
    """With the broken code in the cell there is nothing to compare, and nothing is run."""
    cell(fix(BROKEN))
    assert "Nothing to compare yet" in cell("lab.compare()")
    assert world.runs == []


def test_compare_runs_what_is_missing(cell: Cell, world: World) -> None:
    """The broken code and the repair are run if they were not yet; the summary in words comes with the figure."""
    cell(fix(RIGHT))
    cell("lab.run()")
    out = cell("lab.compare()")
    assert len(world.runs) == 2
    assert "before: the broken code" in out
    assert "after: your repair" in out
    cell("lab.compare()")
    assert len(world.runs) == 2


def test_compare_takes_runs(cell: Cell, world: World) -> None:
    """Two runs in hand are compared as they are."""
    assert "after: the reference repair" in cell('lab.compare(lab.run("broken"), lab.run("reference"))')
    assert len(world.runs) == 2


def test_a_run_can_be_drawn(cell: Cell) -> None:
    """`chart` shows the last run with its summary; before any run it says what comes first."""
    assert "lab.run() comes first" in cell("lab.chart()")
    cell("lab.run()")
    assert "the broken code" in cell("lab.chart()")


# Hints, versions -----------------------------------------------------------------------------------------------------


def test_hints_open_one_at_a_time(cell: Cell) -> None:
    """Each call opens one more hint and says how many are left; at the end all are shown again."""
    assert cell("lab.hint()") == "Hint 1 of 2 (one more): Look at double().\n"
    assert cell("print(lab.hints_opened)") == "1\n"
    cell(f'lab = labs.open_lab("{NAME}")')
    assert cell("lab.hint()") == "Hint 2 of 2 (this was the last): What does it return?\n"
    assert cell("lab.hint()").splitlines() == ["All hints are open:", "  - Look at double().", "  - What does it return?"]
    assert cell("print(lab.hints_opened)") == "2\n"


def test_versions_come_back(cell: Cell, shell: InteractiveShell) -> None:
    """The history lists each version with its points; `restore` makes one current and offers its text as a new cell."""
    cell(fix(RIGHT))
    cell('lab.check("doubled")')
    cell(fix(HALF))
    table = [row.split() for row in cell("lab.history()").splitlines()[2:]]
    assert table == [["1", "6", "+2", "-2", "lines", "4"], ["2", "3", "+1", "-4", "lines", "not", "checked", "current"]]
    out = cell("lab.restore(1)")
    assert "Version 1 of your repair is the current repair again" in out
    assert "`%%fix restore 1`" in out
    assert shell.rl_next_input == fix(RIGHT).rstrip()
    assert cell('lab.check("doubled")').endswith("Out[0]: 4\n")
    assert Workspace(NAME).read_fix() == "# %%fix\n" + RIGHT


def test_reset_goes_back_to_the_broken_code(cell: Cell, shell: InteractiveShell) -> None:
    """`reset` makes the broken code current; the repair stays in the history."""
    cell(fix(RIGHT))
    assert "The broken code is the current repair again" in cell("lab.reset()")
    assert shell.rl_next_input == fix(BROKEN).rstrip()
    assert "NOT ATTEMPTED" in cell('lab.check("doubled")')
    assert Workspace(NAME).version(1).source == "# %%fix\n" + RIGHT


def test_the_repair_cell_can_fill_itself(cell: Cell, shell: InteractiveShell) -> None:
    """`%%fix restore 1` and `%%fix reset` replace the cell's own text, after keeping what stood in it."""
    cell(fix(RIGHT))
    assert "Version 1 is back in this cell." in cell("%%fix restore 1\n" + HALF)
    assert shell.rl_next_input == fix(RIGHT).rstrip()
    assert Workspace(NAME).version(2).source == "# %%fix\n" + HALF
    assert "The broken code is back in this cell." in cell("%%fix reset\n" + HALF)
    assert shell.rl_next_input == fix(BROKEN).rstrip()


@pytest.mark.parametrize(("line", "told"), [("restore 9", "there is no version 9"), ("reste", "`%%fix reste` is not known")])
def test_a_wrong_option_still_saves_the_cell(cell: Cell, line: str, told: str) -> None:
    """An option that does not exist is answered in words, and the repair under it counts."""
    out = cell(f"%%fix {line}\n{RIGHT}")
    assert told in out
    assert "Saved as fix.py" in out


# The lab's own actions, and where nothing is shown -------------------------------------------------------------------


def test_a_lab_adds_actions_of_its_own(cell: Cell) -> None:
    """Functions of actions.py marked @action can be called on the lab, and are listed; others not."""
    assert cell('print(lab.shout("hi", times=2))') == f"{NAME}: hihi\n"
    assert cell('print("shout" in dir(lab), "helper" in dir(lab), "_hidden" in dir(lab))') == "True False False\n"
    assert "shout" in cell("lab")
    assert "no action 'helper'" in cell("lab.helper")


def test_a_damaged_progress_file_is_told_once(cell: Cell, tmp_path: Path) -> None:
    """Opening a lab whose progress cannot be read says so, once, and works on."""
    (tmp_path / "work" / NAME / "progress.json").write_text("{")
    again = f'lab = labs.open_lab("{NAME}")'
    assert "progress.damaged-1.json" in cell(again)
    assert cell(again) == ""


def test_nbgrader_must_not_execute_the_notebook(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nbgrader's autograde, opening a lab fails in one line that says how grading is done."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    out = cell(f'labs.open_lab("{NAME}")')
    assert out.startswith("LearnerError: nbgrader is executing this notebook")
    assert len(out.strip().splitlines()) == 1


def test_validate_skips_runs_and_tells_failures_on_stderr(
    cell: Cell, shell: InteractiveShell, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under nbgrader's Validate no scenario is run for show, and a check that fell short says why on stderr."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert cell("print(lab.run())") == "Not run: Validate looks at the checks alone.\nNone\n"
    assert world.runs == []
    cell("lab.hint()")
    assert cell("print(lab.hints_opened)") == "0\n"
    for source, told in ((HALF, "FAILED"), (RIGHT, "")):
        cell(fix(source))
        shell.run_cell('x = lab.check("doubled")')
        out, err = capsys.readouterr()
        assert (out, err.split(":")[0].strip()) == ("", told)


def test_without_ipython_everything_is_plain_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """In plain Python a lab opens, runs and checks, and prints what a notebook would show."""
    InteractiveShell.clear_instance()
    assert notes.shell() is None
    lab = Learner.open(labs.load(NAME))
    lab.predict("share", 1)
    lab.run()
    lab.cell.adopt(RIGHT)
    lab.compare()
    assert lab.check("doubled") == 4
    out = capsys.readouterr().out
    for part in ("You predict share", "10% of them succeeded", "after: your repair", "PASSED"):
        assert part in out
    with pytest.raises(LearnerError):
        lab.run("nothing")
    with pytest.raises(NoSuchAction):
        _ = lab.nothing


def test_what_a_cell_says_does_not_depend_on_the_clock(cell: Cell, tmp_path: Path) -> None:
    """The wall time of a run is kept for the progress bar alone; no output holds it: a rebuild gives the same bytes."""
    path = tmp_path / "work" / NAME / "progress.json"
    first = cell("r = lab.run()")
    saved = json.loads(path.read_text())
    assert saved["walls"].keys() == {"run outage broken", SLOWER}
    path.write_text(json.dumps({**saved, "walls": {"run outage broken": 4000.0}}))
    assert cell("r = lab.run()") == first
    assert not any(os.environ.get(name) for name in ("JPY_SESSION_NAME", "BREAKFIX_PLAIN"))

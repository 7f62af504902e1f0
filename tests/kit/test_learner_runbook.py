"""`%%runbook` and `lab.runbook()` in a real IPython shell: what a learner reads."""

from __future__ import annotations

from labs.kit.notebook.workspace import Workspace
from tests.kit.learner_lab import BROKEN, NAME, RIGHT, Cell, World, fix

TEXT = """%%runbook
## Numbers fail

```operator
page error_rate > 0.5 for 3 s
step spare
do shed 0.5
```
"""


def test_a_runbook_is_kept_and_its_form_told(cell: Cell) -> None:
    """Its steps are counted and its call is named; the text is kept as it was written."""
    assert "A runbook of 1 step, called by error_rate > 0.5 for 3 s." in cell(TEXT)
    kept = (Workspace(NAME).hidden / "runbook.md").read_text(encoding="utf-8")
    assert kept == TEXT.partition("\n")[2]


def test_what_is_wrong_is_listed(cell: Cell) -> None:
    """Each problem in a line; nothing is raised, and nothing is run."""
    out = cell(TEXT.replace("shed", "shedd"))
    assert "This is no runbook yet:" in out
    assert "- line 6: no action 'shedd'; the actions are: restart SERVICE" in out
    assert "This is no runbook yet:" in cell("r = lab.runbook()")
    assert "no line stands in a block" in cell("%%runbook")


def test_it_is_played_beside_a_run_without(cell: Cell, world: World) -> None:
    """The broken code runs without and with it: two runs, a chart, a card with what the operator did."""
    cell(fix(RIGHT))
    cell(TEXT)
    out = cell('r = lab.runbook("calm")')
    assert "requests failed with the runbook," in out
    assert "page: p99 > 1 for 1 s" in out
    assert [(source.endswith(BROKEN), scenario) for source, scenario, _ in world.runs] == [(True, "calm")] * 2
    cell('r = lab.runbook("calm", fix="fix")')
    assert [source.endswith(RIGHT) for source, _, _ in world.runs[2:]] == [True] * 2
    records = {path.stem.rpartition("-")[2] for path in Workspace(NAME).records_folder.glob("*.sqlite")}
    assert records == {"seed0", "operated"}


def test_bad_arguments_are_one_line(cell: Cell) -> None:
    """As everywhere."""
    cell(TEXT)
    assert "unknown scenario 'flood'" in cell('lab.runbook("flood")')
    assert "unknown world 'moon'" in cell('lab.runbook(world="moon")')

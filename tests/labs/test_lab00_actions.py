"""What lab00's cells say of error logs that name no request."""

from __future__ import annotations

from typing import cast

import pytest

from labs.kit.model.record import Log, Record, Run
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.learner import Learner
from labs.lab00_signals import actions
from labs.lab00_signals.scenarios import ANSWERED, NOTED
from tests.kit.handmade import make_info


def run_with(*ids: str) -> Run:
    """A run whose shop wrote an error log for each of these request ids."""
    record = Record()
    record.add("logs", [Log(1.0, "shop", "error", "failed", request_id, "KeyError", "{}") for request_id in ids])
    return record.close(make_info())


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (("", "order-1", ""), ["The broken code: 2 error logs without a request id, so in no row."]),
        (("order-1", "order-2"), []),
    ],
)
def test_error_logs_that_name_no_request_are_told(
    capsys: pytest.CaptureFixture[str], ids: tuple[str, ...], told: list[str]
) -> None:
    """They can be in no row of the figure, so a sentence says how many there are; without any, there is no sentence."""
    actions.seen(cast(Learner, None), run_with(*ids))
    assert [line for line in capsys.readouterr().out.splitlines() if "error logs" in line] == told


def test_the_record_that_a_learner_reads_has_no_notes_of_the_judge(capsys: pytest.CaptureFixture[str]) -> None:
    """They say what each order met, which no log of the gateway tells before a repair; the judge still reads them."""
    record = Record()
    notes = [Log(1.0, "gateway", "debug", event, "r1", "", '{"met": "DiskFull"}') for event in (NOTED, ANSWERED)]
    record.add("logs", [*notes, Log(1.0, "gateway", "info", "access", "r1", "", "{}")])
    run = record.close(make_info())
    actions.sql(cast(Learner, None), run, "select count(*) as lines, group_concat(fields) as told from logs")
    actions.record(cast(Learner, None), run)
    said = capsys.readouterr().out
    assert "DiskFull" not in said
    assert "1 row:" in said
    assert "event=access" in said
    assert len(run.logs()) == 3
    with pytest.raises(LearnerError, match="the record cannot answer that"):
        actions.sql(cast(Learner, None), run, "select nothing from nowhere")

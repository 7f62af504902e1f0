"""Do the live and the simulated world say the same? For three repairs a lab, in one scenario of the lab.

Each push asks it of a third of the labs (tests/live/rotation.py), `make release-check` of all labs, all repairs and all
scenarios, and docs/agreement.md says what came of it. These runs happen
in real time, so `make test` makes them last, two at a time; a machine that is busy all the same gives an invalid
measurement, which is repeated and then reported as not compared, never as a pass.
"""

from __future__ import annotations

import pytest

import labs
from labs.kit.judging import agreement
from labs.kit.judging.agreement import compare
from tests.live.rotation import compared_in, content_of, first_wrong, turn

pytestmark = pytest.mark.alone


BOTH = [name for name in labs.names() if agreement.compared(labs.load(name))]
TURN = turn(BOTH, content_of(labs.ROOT), lambda name: content_of(labs.ROOT, name[:5]))
CASES = [(name, fix) for name in TURN for fix in ("broken", "reference", first_wrong(labs.load(name)))]


@pytest.mark.parametrize(("name", "fix"), CASES, ids=[f"{name}-{fix}" for name, fix in CASES])
def test_both_worlds_give_the_same_verdicts(name: str, fix: str) -> None:
    """Every check that the scenario is enough for has the same outcome live as simulated."""
    lab = labs.load(name)
    found = compare(lab, lab.fix(fix), scenarios=[compared_in(lab)])
    assert found.checks, "nothing was compared"
    for simulated, live in found.runs.values():
        links = [{request.link for request in run.requests()} for run in (simulated, live)]
        assert links[0] == links[1], "a link carried requests in one world only"
    assert [f"{b.check}: {b.simulated.status} simulated, {b.live.status} live" for b in found.differ] == []
    unknown = [f"{b.check}: {b.live.message}" for b in found.checks if b.agree is None]
    if len(unknown) == len(found.checks):
        pytest.skip(f"not compared, the machine is too busy: {unknown[0]}")
    assert unknown == []

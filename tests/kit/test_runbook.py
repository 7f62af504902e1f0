"""A runbook as data: what is read, and what is said of a text that is none."""

from __future__ import annotations

import pytest

from labs.kit.model.names import QUEUE_DEPTH
from labs.kit.model.runbook import (
    LONGEST_TEXT,
    MOST_ACTIONS,
    MOST_LINES,
    MOST_STEPS,
    MOST_TOLD,
    Condition,
    Desk,
    Restart,
    Runbook,
    RunbookError,
    Set,
    Shed,
    Step,
    parse,
)

DESK = Desk(
    restarts=("payments",),
    settings={"shop": {"ATTEMPTS": (1, 10)}},
    client=lambda request: "bulk",
    signals=("renderer.utilization",),
)
LINKS, SERVICES = ("load->shop", "shop->payments"), ("shop", "payments")
PAGE = "page error_rate > 0.2 for 3 s"


def read(*lines: str, desk: Desk = DESK) -> Runbook:
    """The runbook with these lines in one block."""
    return parse("\n".join(["## Prose", "```operator", *lines, "```"]), desk, LINKS, SERVICES)


def complaints(*lines: str, desk: Desk = DESK) -> tuple[str, ...]:
    """What is said of these lines; the first stands in line 3."""
    with pytest.raises(RunbookError) as told:
        read(*lines, desk=desk)
    assert all("\n" not in problem for problem in told.value.problems)
    return told.value.problems


def test_every_word_is_read() -> None:
    """Each word has its place, blocks are read as one, and prose between them is none of it."""
    text = f"""# Orders fail

```operator
{PAGE}
step look
expect rate(shop->payments) >= 20 for 1 s within 30.5 s
else goto again
```

Then empty the queue.

```operator
step empty
do   restart payments
expect queue_depth@payments < 5 for 3 s within 12 s
done
step again
do set shop ATTEMPTS 1
do shed 80% client bulk
expect calls_per_request(shop->payments) <= 1.2 for 2 s within 9 s
then set shop ATTEMPTS 4
then shed 0 client bulk
undo shed 0.25
```
"""
    on, off = Set("shop", "ATTEMPTS", 1), Set("shop", "ATTEMPTS", 4)
    assert parse(text, DESK, LINKS, SERVICES) == Runbook(
        Condition("error_rate", ">", 0.2, 3),
        (
            Step("look", expect=Condition("rate(shop->payments)", ">=", 20, 1), within_s=30.5, other="again"),
            Step("empty", (Restart("payments"),), Condition(f"{QUEUE_DEPTH}@payments", "<", 5, 3), within_s=12, done=True),
            Step(
                "again",
                (on, Shed(0.8, "bulk")),
                Condition("calls_per_request(shop->payments)", "<=", 1.2, 2),
                within_s=9,
                then=(off, Shed(0, "bulk")),
                undo=(Shed(0.25),),
            ),
        ),
    )


def test_an_action_is_written_as_it_is_read() -> None:
    """The text of an action in a record is the line of the runbook."""
    actions = [Restart("payments"), Set("shop", "ATTEMPTS", 1), Shed(0.8), Shed(0.5, "bulk")]
    book = read(PAGE, "step a", *(f"do {action}" for action in actions))
    assert list(book.steps[0].do) == actions


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["reboot"], ["line 3: 'reboot' begins no line; the words are: page, step, do, expect, else, then, undo, done"]),
        (["do restart payments"], ["line 3: 'do' before the first step; begin one: step NAME"]),
        ([PAGE, PAGE], ["line 4: a second page; a runbook has one"]),
        (["page error_rate > 0.2"], ["page METRIC OP VALUE for N s, with OP one of < <= > >="]),
        (["page error_rate = 0.2 for 3 s"], ["'error_rate = 0.2 for 3 s' after page"]),
        (["page errors > 0.2 for 3 s"], ["no metric 'errors'; the metrics are: offered, answered, error_rate, p99"]),
        (["page rate(shop->bank) > 1 for 3 s"], ["no link 'shop->bank'; the links are: load->shop, shop->payments"]),
        (["page queue.depth@bank > 1 for 3 s"], ["no service 'bank'; the services are: shop, payments"]),
        (["page length@shop > 1 for 3 s"], ["no signal 'length'; the signals are: queue_depth, "]),
        (["page p99 > 1e9 for 3 s"], ["'p99 > 1e9 for 3 s' after page"]),
        (["page p99 > 1 for 601 s"], ["601 s is too long; expected at most 600 s"]),
        ([PAGE, "step two words"], ["'two words' is no name of a step"]),
        ([PAGE, "step a", "step a"], ["line 5: a second step a"]),
        (
            [PAGE, "step a", "do retsart payments"],
            ["no action 'retsart'; the actions are: restart SERVICE, set SERVICE KEY"],
        ),
        ([PAGE, "step a", "do restart bank"], ["no service that may be restarted 'bank'; there is: payments"]),
        ([PAGE, "step a", "do restart"], ["'restart' is not of the form: restart SERVICE"]),
        ([PAGE, "step a", "do set payments BOUND 3"], ["no service with settings 'payments'; there is: shop"]),
        ([PAGE, "step a", "do set shop BOUND 3"], ["no setting of shop 'BOUND'; there is: ATTEMPTS"]),
        ([PAGE, "step a", "do set shop ATTEMPTS 11"], ["ATTEMPTS cannot be '11'; expected 1 to 10"]),
        ([PAGE, "step a", "do set shop ATTEMPTS -1"], ["'-1' is no number from 0 to 1e+09"]),
        ([PAGE, "step a", "do shed 1.5"], ["'1.5' is no share; expected 0 to 1, or 0% to 100%"]),
        ([PAGE, "step a", "expect p99 < 1 for 3 s within 2 s"], ["line 5: 3 s do not fit within 2 s"]),
        ([PAGE, "step a", "expect p99 < 1 for 3 s"], ["expected: expect METRIC OP VALUE for N s within N s"]),
        ([PAGE, "step a", "undo shed 0"], ["step a has undo and no expect; add: expect METRIC"]),
        ([PAGE, "step a", "done now"], ["'now' after done; done stands alone"]),
        ([PAGE, "step a", "else b"], ["'b' after else; expected: else goto STEP"]),
        (
            [PAGE, "step a", "expect p99 < 1 for 1 s within 2 s", "else goto c"],
            ["step a goes to 'c', no step; the steps are: a"],
        ),
        (["step a"], ["there is no page; begin with what calls you: page METRIC"]),
        ([PAGE], ["there is no step; write one: step NAME"]),
        ([], ["no line stands in a block; a block begins with a line ```operator"]),
        ([PAGE, "stpe a", "do shed 2"], ["line 4: 'stpe' begins no line", "line 5: 'do' before the first step"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(lines: list[str], expected: list[str]) -> None:
    """The line's number, what was found, and what is valid: for each line that is wrong."""
    told = complaints(*lines)
    assert len(told) == len(expected)
    assert all(part in problem for part, problem in zip(expected, told, strict=True))


def test_a_lab_says_what_may_be_done() -> None:
    """Without clients at the edge nobody's share can be shed."""
    (told,) = complaints(PAGE, "step a", "do shed 0.5 client bulk", desk=Desk())
    assert told == "line 5: this lab's edge does not know its clients; expected: shed SHARE"


def test_a_block_without_an_end_is_found() -> None:
    """Otherwise the prose below it would be read as orders."""
    with pytest.raises(RunbookError, match="line 1: the block that begins here has no end"):
        parse(f"```operator\n{PAGE}\nstep a", DESK, LINKS, SERVICES)


def test_hostile_texts_are_bounded() -> None:
    """Length, lines, steps, actions, numbers and what is told of it all: nothing grows with the text."""
    with pytest.raises(RunbookError, match="a runbook has at most"):
        parse("x" * (LONGEST_TEXT + 1), DESK, LINKS, SERVICES)
    many = complaints(*["boo"] * (MOST_LINES + 5))
    assert len(many) == MOST_TOLD + 1
    assert many[-1] == f"and {MOST_LINES + 1 - MOST_TOLD} more"
    assert "more than" in complaints(PAGE, *(f"step s{n}" for n in range(MOST_STEPS + 1)))[0]
    assert "more than" in complaints(PAGE, "step a", *["do shed 0"] * (MOST_ACTIONS + 1))[0]
    (told,) = complaints("\x1b[31m" + "a" * 5_000)
    assert len(told) < 200
    assert "\x1b" not in told
    assert complaints("page p99 > " + "9" * 10_000 + " for 1 s")
    assert complaints(PAGE, "step a", "do shed ٣")  # a digit, but not of ASCII

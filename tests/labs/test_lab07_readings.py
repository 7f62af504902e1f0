"""What lab07 reads from a record: what was paid for, how long jobs stood in line, why callers were lost, when rules fire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from labs.kit.model.record import Event, Log, Record, Request, Run
from labs.kit.model.verdict import Finding
from labs.lab07_backpressure import actions, checks, readings
from labs.lab07_backpressure.scenarios import CALM_AT_S
from labs.lab07_backpressure.service import Used
from tests.kit.handmade import make_info

ENTRY, WORK = "load->api", readings.WORK


def call(link: str, name: str, sent: float, done: float, status: int = 200) -> Request:
    """One exchange; status 0 is a caller whose patience ended."""
    endpoint = "POST /render" if link == WORK else "POST /labels/shop-0"
    return Request(link, name, endpoint, 1, sent, sent, done, status, "" if status else "timeout")


def record(requests: Sequence[Request] = (), events: Sequence[Event] = (), load_s: float = 10.0) -> Run:
    """A run of `load_s` seconds of load and 2 s more."""
    made = Record()
    made.add("requests", requests)
    made.add("events", events)
    return made.close(make_info(lab="lab07_backpressure", load_s=load_s, seconds=load_s + 2))


def in_line(wait_s: float, rate: float = 20.0, load_s: float = 10.0) -> Run:
    """Each of `rate` requests a second stands in line for `wait_s` and is worked for 40 ms; its caller waits for 1 s."""
    rows = []
    for number in range(round(rate * load_s)):
        at, name = number / rate, f"order-{number}"
        answered = at + wait_s + 0.04
        late = answered > at + 1
        rows.append(call(ENTRY, name, at, at + 1 if late else answered, 0 if late else 200))
        rows.append(call(WORK, name, at + wait_s, answered))
    return record(rows, load_s=load_s)


def rent(at: float, workers: int, kind: str = "rent") -> Event:
    """A line of the renderer's books."""
    return Event(at, kind, str(workers), "")


def test_without_renting_the_two_workers_are_paid_for() -> None:
    """Two workers, all the time."""
    assert readings.rented(record()) == readings.Rented(2 * 12.0, 0, 0)


def test_a_worker_is_paid_for_ten_seconds_at_least() -> None:
    """One that was released after a second costs as much as one that was kept for ten."""
    short = record(events=[rent(1.0, 3), rent(2.0, 2, "release")])
    assert readings.rented(short) == readings.Rented(24.0 + 10.0, 1, 1)
    long = record(events=[rent(1.0, 4)])
    assert readings.rented(long) == readings.Rented(24.0 + 2 * 11.0, 1, 0)


def test_flapping_costs_more_than_keeping() -> None:
    """To rent and release three times is three minimums."""
    events = [event for at in (1.0, 2.0, 3.0) for event in (rent(at, 3), rent(at + 0.5, 2, "release"))]
    assert readings.rented(record(events=events)) == readings.Rented(24.0 + 3 * 10.0, 3, 3)


def test_queue_wait_is_from_the_wire() -> None:
    """From when a request was due until it was sent to the renderer; what is begun after the load does not count."""
    assert [wait.seconds for wait in readings.waits(in_line(0.25))] == pytest.approx([0.25] * 195)


def test_labels_and_answers_have_one_clock() -> None:
    """Both count in the second in which they came, not in that in which they were asked for."""
    run = in_line(0.5)
    for start in (0.0, 1.0, 4.0):
        assert readings.in_time(run, start, start + 1) == len(readings.renders(run, start, start + 1))
    assert readings.in_time(run, 0.0, 0.5) == 0


def test_who_hears_nothing_waited_for_the_whole_patience() -> None:
    """A timeout counts with 1 s, a refusal with its own time."""
    run = record([call(ENTRY, "a", 0.0, 1.0, 0), call(ENTRY, "b", 0.0, 0.1, 503), call(ENTRY, "c", 0.0, 0.2)])
    assert sorted(readings.words(run)) == pytest.approx([0.1, 0.2, 1.0])


def test_an_error_is_neither_yes_nor_no_and_its_job_did_not_go_in() -> None:
    """Of a yes, a no, an error and silence: only the error has failed, and it and the no did not go in."""
    rows = [call(ENTRY, name, 0.0, 0.5, status) for name, status in (("a", 200), ("b", 429), ("c", 500), ("d", 0))]
    assert [readings.told(r) for r in rows] == [True, True, False, False]
    assert [readings.failed(r) for r in rows] == [False, False, True, False]
    assert [readings.went_in(r) for r in rows] == [True, False, False, True]


def with_errors(status: int) -> Run:
    """Every fifth caller hears `status` at once; the API logged what was raised."""
    rows = [call(ENTRY, f"label-{n}", n / 40, n / 40 + 0.01, 200 if n % 5 else status) for n in range(400)]
    made = Record()
    made.add("requests", rows)
    made.add("logs", [Log(0.0, "api", "error", readings.OFFER_FAILED, "", "QueueFull", "{}")])
    made.add("events", [Event(1.0, "bulk job", f"bulk-{n}", "error" if status == 500 else "no answer") for n in range(8)])
    return made.close(make_info(lab="lab07_backpressure", load_s=10.0, seconds=12.0))


@pytest.mark.parametrize(
    ("judge", "scenario", "silence"),
    [(checks.told, "spike", "dropped"), (checks.waiting, "spike", "no_word"), (checks.sent_away, "noisy", "silence")],
)
def test_an_error_is_called_one_and_named(judge: Callable[..., Finding], scenario: str, silence: str) -> None:
    """Callers who hear an error lose the check for that, with what was raised; callers who hear nothing, as before."""
    errors = record([call(ENTRY, "label", 3.0, 3.1)])
    found = judge({scenario: with_errors(500), "errors": errors})
    assert (found.passed, found.reason) == (False, "errors")
    assert "QueueFull" in found.message
    found = judge({scenario: with_errors(0), "errors": errors})
    assert (found.passed, found.reason) == (False, silence)


def test_errors_are_named_where_they_cost_the_service() -> None:
    """Half of the callers hear an error: that is why, before the renderer is called idle."""
    rows = [call(ENTRY, f"label-{n}", n / 40, n / 40 + 0.01, 200 if n % 2 else 500) for n in range(400)]
    assert readings.why(record(rows), 0.0)[0] == "errors"


def test_work_is_measured_and_not_sampled() -> None:
    """Two workers, of whom one works for a fifth of each second: whoever asks while none does hears a tenth."""
    now, found = [5.0], []
    used = Used(lambda: now[0])
    used.change(workers=2)
    for _ in range(3):
        used.change(working=1)
        now[0] += 0.2
        used.change(working=-1)
        now[0] += 0.8
        found.append(used.share())
    assert found == pytest.approx([0.1] * 3)


def test_a_line_longer_than_the_patience_is_named() -> None:
    """Work at full speed and no refusal: nothing_refused; the same line with calls held at the renderer says so instead."""
    assert readings.why(in_line(1.5), 4.0)[0] == "nothing_refused"
    held = [r for r in in_line(1.5).requests()]
    held += [call(WORK, r.request_id, r.intended, r.intended + 1.5) for r in held]
    assert readings.why(record(held), 4.0)[0] == "queue_at_renderer"


def test_an_idle_renderer_is_named() -> None:
    """Half of the callers refused, and nothing made for them."""
    rows = [call(ENTRY, f"order-{n}", n / 40, n / 40 + 0.1, 200 if n % 2 else 503) for n in range(400)]
    rows += [call(WORK, f"order-{n}", n / 40, n / 40 + 0.04) for n in range(1, 400, 2)]
    assert readings.why(record(rows), 0.0)[0] == "renderer_idle"


def test_refusing_after_the_work_is_named() -> None:
    """Every label made, every other caller refused when it was."""
    rows = [call(ENTRY, f"order-{n}", n / 40, n / 40 + 0.1, 200 if n % 2 else 503) for n in range(400)]
    rows += [call(WORK, f"order-{n}", n / 40, n / 40 + 0.04) for n in range(400)]
    assert readings.why(record(rows), 0.0)[0] == "refused_after_work"


def test_a_label_that_was_never_made_is_no_answer() -> None:
    """One answer without its label, and one that came before it, are two false ones."""
    rows = [call(ENTRY, "a", 0.0, 0.1), call(ENTRY, "b", 1.0, 1.1), call(WORK, "b", 1.5, 1.54), call(ENTRY, "c", 2.0, 2.1)]
    rows.append(call(WORK, "c", 2.0, 2.04))
    found = checks.rendered.judge({"overload": record(rows)})
    assert (found.passed, found.measured, found.reason) == (False, 2, "not_rendered")


def test_the_rule_fires_once_the_signal_has_stayed_above() -> None:
    """The wait is 0.6 s from the first job on, which is begun at second 0.6: half a second later, a rule of 0.5 s fires."""
    run = in_line(0.6)
    assert actions.fires_at(run, "wait", 0.5, 0.5) == 1.0
    assert actions.fires_at(run, "wait", 0.7, 0.5) is None


def test_a_rule_is_judged_by_time_and_false_alarms() -> None:
    """Before the first lost caller is good, after it is late; on a healthy record any page is a false alarm."""
    assert actions.judged(1.5, 2.0, True) == "good, before the first"
    assert actions.judged(3.5, 2.0, True) == "late by 1.5 s"
    assert actions.judged(None, 2.0, True) == "missed"
    assert actions.judged(None, None, False) == "quiet, as it should be"
    assert actions.judged(5.0, None, False) == "false alarm"


def test_the_first_lost_caller_is_the_one_whose_patience_ended_first() -> None:
    """A refused caller is not lost; one that heard nothing is."""
    rows = [call(ENTRY, "a", 0.0, 0.1, 503), call(ENTRY, "b", 0.5, 1.5, 0), call(ENTRY, "c", 0.2, 0.4)]
    assert actions.first_lost(record(rows)) == 1.5
    assert actions.first_lost(record(rows[:1])) is None


def after_trouble(outcome: str) -> Run:
    """All shops are served; each job of the client who was greedy ends in `outcome` in the calm."""
    made = Record()
    made.add("requests", [call(ENTRY, f"label-{n}", n / 40, n / 40 + 0.05) for n in range(480)])
    made.add("events", [Event(CALM_AT_S - 1, "bulk job", "x", "done")])
    made.add("events", [Event(CALM_AT_S + n / 4, "bulk job", f"bulk-{n}", outcome) for n in range(12)])
    return made.close(make_info(lab="lab07_backpressure", load_s=12.0, seconds=14.0))


def test_one_client_that_is_served_no_more_is_noticed() -> None:
    """Nobody else is harmed, so it is no question of places for all; what it got before the calm does not count."""
    found = checks.after_errors.judge({"errors": after_trouble("refused")})
    assert (found.passed, found.measured, found.reason) == (False, 0, "client_shut_out")
    assert checks.after_errors.judge({"errors": after_trouble("done")}).passed


def test_more_than_the_capacity_is_all_of_it() -> None:
    """What was being made as the window began counts in it: no share is above 100 %, and no sentence says 53 of 50."""
    busy = in_line(0.01, rate=53.0)
    found = checks.goodput({"overload": busy, "many_shops": busy})
    assert (found.passed, found.measured) == (True, 1.0)
    assert "50 answers a second came in time, of 50" in found.message


def test_nobody_refused_is_not_all_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no job was left undone, the sentence says that, and not "0 of 0"."""
    monkeypatch.setattr(checks.readings, "bulk", lambda run: Counter(done=7))
    found = checks.sent_away({"noisy": record()})
    assert (found.passed, found.message) == (True, "No job of the noisy client was left undone: there was nobody to refuse.")

"""What lab05 reads from records: each number on the page and each point rests on one of these."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest

from labs.kit.measure import stats
from labs.kit.model.record import Log, Record, Request, Run, RunInfo
from labs.lab05_timeouts import figures, readings
from labs.lab05_timeouts.actions import MOST_USED, fires_at, judgement
from labs.lab05_timeouts.checks import paid, stops
from labs.lab05_timeouts.diagnosis import DIAGNOSIS
from labs.lab05_timeouts.readings import CHECKOUT, LINKS, OPTIONAL, PRODUCT, SEARCH

LOAD = "load->storefront"


def request(link: str, name: str, endpoint: str, sent: float, done: float | None, status: int = 200) -> Request:
    """One exchange."""
    return Request(link, name, endpoint, 1, sent, sent, done, status, "" if status else "timeout")


def log(host: str, event: str, time: float, name: str = "", **more: Any) -> Log:
    """One line of a service's log."""
    return Log(time, host, "info", event, name, "", json.dumps(more))


def run_of(requests: list[Request], logs: list[Log]) -> Run:
    """A run with ten seconds of load and two to settle."""
    record = Record()
    record.add("requests", requests)
    record.add("logs", logs)
    info = RunInfo("lab05_timeouts", "slow", "mine", "0" * 64, "simulated", 0, 10.0, 12.0, "pass", "", "")
    return record.close(info)


def charge(order: str, begun: float, ended: float, given: float | None, charged: bool, key_of: str = "") -> Log:
    """What payments logs of one request."""
    more = {"given": given, "begun": begun, "charged": charged, "key_of": key_of or order}
    return log("payments", "charge", ended, order, **more)


def test_trouble_is_what_the_service_in_trouble_says() -> None:
    """The storefront runs the repair: what it logs of trouble moves no window."""
    forged = [log("storefront", "trouble on", 0, at=9.0), log("storefront", "trouble off", 0, at=9.5)]
    told = [log("recommendations", "trouble on", 2, at=2.0), log("recommendations", "trouble off", 5, at=5.0)]
    assert readings.trouble(run_of([], [*forged, *told])) == (2.0, 5.0)
    assert readings.trouble(run_of([], forged)) == (0.0, 10.0)


def test_a_customer_who_left_never_counts_as_answered() -> None:
    """An answer at 0.4 s is in time, one at 0.6 s is not, and to give up is no answer at any limit."""
    asked = [request(LOAD, f"visit-{n}", PRODUCT, n, n + took) for n, took in ((1, 0.4), (2, 0.6))]
    left = request(LOAD, "visit-3", PRODUCT, 3, 5.0, status=0)
    run = run_of([*asked, left], [])
    assert readings.in_time(run, (PRODUCT,), 0.5) == pytest.approx(1 / 3)
    assert readings.in_time(run, (PRODUCT,), inf) == pytest.approx(2 / 3)


def test_the_most_calls_under_way_are_counted_on_the_wire() -> None:
    """Calls that never ended stay; one that ended makes room for the next."""
    calls = [request(OPTIONAL, "a", "GET /for", 1, None), request(OPTIONAL, "b", "GET /for", 2, 3.0)]
    run = run_of([*calls, request(OPTIONAL, "c", "GET /for", 4, None)], [])
    assert stats.most_in_flight(run, OPTIONAL) == 2
    assert stats.most_in_flight(run, OPTIONAL, 0, 2) == 1


def test_work_for_nobody_begins_when_the_customer_leaves() -> None:
    """A customer of second 1 leaves at 3: of work to second 5, two are for nobody; all work on an unknown order is."""
    asked = [request(LOAD, "visit-1", CHECKOUT, 1.0, 3.0, status=0), request(LOAD, "visit-2", CHECKOUT, 1.0, 1.1)]
    done = [charge("visit-1", 1.0, 5.0, None, True), charge("visit-2", 1.0, 1.1, None, True)]
    run = run_of(asked, [*done, charge("nobody's", 1.0, 1.5, None, True)])
    assert readings.for_nobody(run) == pytest.approx({"visit-1": 2.0, "nobody's": 0.5})


def test_work_for_nobody_begins_when_the_customer_is_told_no() -> None:
    """A customer who is told no at 1.5 waits no more: of work to second 3, a second and a half is for nobody."""
    told_no = request(LOAD, "visit-1", CHECKOUT, 1.0, 1.5, status=504)
    run = run_of([told_no], [charge("visit-1", 1.0, 3.0, 2.0, True)])
    assert readings.for_nobody(run) == pytest.approx({"visit-1": 1.5})


def test_paid_names_the_key_of_another_where_money_went_wrong() -> None:
    """visit-2 is told "paid" for the money of visit-1, whose key it came with; where nobody is harmed, a key is no error."""
    asked = [request(LOAD, f"visit-{n}", CHECKOUT, 1.0, 1.5) for n in (1, 2)]
    own, other = charge("visit-1", 1.0, 1.2, 0.4, True), charge("visit-2", 1.1, 1.3, 0.4, False, key_of="visit-1")
    runs = {name: run_of([], []) for name in ("slow", "calm")}
    found = paid({**runs, "errors": run_of(asked, [own, other])})
    assert (found.passed, found.reason, found.measured) == (False, "key_of_another", 1)
    once = charge("visit-2", 1.3, 1.4, 0.4, True)
    assert paid({**runs, "errors": run_of(asked, [own, other, once])}).passed


def test_stops_finds_orders_that_were_refused_and_charged() -> None:
    """Five customers are told no after 0.5 s and charged a second later: the reason names what payments was told."""
    asked = [request(LOAD, f"visit-{n}", CHECKOUT, n, n + 0.5, status=504) for n in range(1, 6)]
    found = stops({"slow": run_of(asked, [charge(f"visit-{n}", n, n + 1.5, 2.0, True) for n in range(1, 6)])})
    assert (found.passed, found.reason) == (False, "more_than_waited")
    assert "5 orders that failed were charged" in found.message


@pytest.mark.parametrize(("given", "reason"), [(None, "not_told"), (9.0, "given_too_much")])
def test_stops_says_whether_payments_was_told_nothing_or_too_much(given: float | None, reason: str) -> None:
    """Six seconds past the customer's leaving lose the check, for the reason that the calls themselves carry."""
    asked = [request(LOAD, "visit-1", CHECKOUT, 1.0, 3.0, status=0)]
    found = stops({"slow": run_of(asked, [charge("visit-1", 1.0, 9.0, given, False)])})
    assert (found.passed, found.reason) == (False, reason)
    assert found.measured == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("charges", "reason"),
    [
        ([charge("visit-1", 1.0, 1.1, None, True)], "paid"),
        ([charge("visit-1", 1.0, 1.1, None, False)], "unpaid"),
        ([charge("visit-1", 1.0, 4.0, None, True)], "unpaid"),
        ([charge("visit-1", 1.0, 1.1, None, True), charge("visit-1", 1.0, 2.0, None, True)], "paid_twice"),
    ],
)
def test_paid_means_once_and_before_it_was_confirmed(charges: list[Log], reason: str) -> None:
    """An order that is confirmed at 1.2 s must have been charged by then, and never again."""
    run = run_of([request(LOAD, "visit-1", CHECKOUT, 1.0, 1.2)], charges)
    assert paid.judge({"slow": run}).reason == reason


def test_a_page_shows_recommendations_only_if_the_service_named_them() -> None:
    """Invented items, and those of another product, are not shown ones; a body of another form is malformed."""
    named = [log("recommendations", "named", 1, sku=f"sku-{n}", first=f"item-{n}") for n in (1, 2)]
    bodies = [json.dumps({"sku": "sku-1", "recommended": items}) for items in (["item-1"], ["mine"], ["item-2"], [])]
    bodies += ['{"sku": "sku-2", "recommended": ["item-1"]}', "[]", '"text"']
    looks = [log("probe", "page", n, sku="sku-1", sent=float(n), status=200, body=body) for n, body in enumerate(bodies)]
    pages = readings.pages(run_of([], [*named, *looks]))
    assert [page.shown for page in pages] == [True, False, False, False, False, False, False]
    assert [page.strange for page in pages] == [False, True, True, False, False, False, False]
    assert [page.well_formed for page in pages] == [True, True, True, True, False, False, False]


def test_a_search_is_invented_where_the_service_had_not_found_these_words_by_then() -> None:
    """Found in time, or for an earlier customer with the same words: not invented. Found later, or never: invented."""
    asked = [(10, 1.0), (20, 1.0), (30, 1.0), (1010, 4.0)]
    visits = [request(LOAD, f"visit-{n}", SEARCH, sent, sent + 0.1) for n, sent in asked]
    visits.append(request(LOAD, "visit-40", SEARCH, 1.0, 1.5, status=504))
    told = [log("search", "found", at, words=f"shoe {n}", found=["sku-0"]) for n, at in ((10, 1.08), (20, 1.8))]
    forged = log("storefront", "found", 1.0, words="shoe 30", found=["sku-0"])
    assert [r.request_id for r in readings.invented(run_of(visits, [*told, forged]))] == ["visit-20", "visit-30"]


@pytest.mark.parametrize(
    ("statuses", "found_at", "stands_in"),
    [
        ([500], [1.0], True),
        ([0, 500], [1.0], True),
        ([500, 200], [1.0, 5.1], False),
        ([500], [1.0, 5.1], False),
        ([], [1.0], False),
    ],
    ids=["failed", "failed-twice", "second-attempt", "of-another-call", "never-asked"],
)
def test_an_earlier_result_stands_in_where_each_call_failed(
    statuses: list[int], found_at: list[float], stands_in: bool
) -> None:
    """Every call of the search failed, and nobody was sent these words meanwhile: what was answered is an earlier result."""
    calls = [request(LINKS["search"], "visit-1", "GET /find", 5.0, 5.1, status) for status in statuses]
    told = [log("search", "found", at, words="shoe", found=["sku-0"]) for at in found_at]
    run = run_of([request(LOAD, "visit-1", SEARCH, 5.0, 5.2), *calls], told)
    assert [r.request_id for r in readings.stands_in(run)] == ["visit-1"] * stands_in
    assert readings.invented(run) == []


def test_the_alert_fires_when_calls_stay_above_for_so_long() -> None:
    """Three calls from second 2 on are above 2 for a second at second 3; two are not; nor are three for half a second."""
    link = LINKS["search"]
    hanging = [request(link, f"{n}", "GET /find", 2.0, None) for n in range(3)]
    assert fires_at(run_of(hanging, []), above=2, for_s=1) == pytest.approx(3.0)
    assert fires_at(run_of(hanging[:2], []), above=2, for_s=1) is None
    short = [request(link, f"{n}", "GET /find", 2.0, 2.5) for n in range(3)]
    assert fires_at(run_of(short, []), above=2, for_s=1) is None


@pytest.mark.parametrize(
    ("fired", "used", "kind", "said"),
    [
        ([(None, None), (4.0, 2.0)], MOST_USED, "good", "25 of the 100 places"),
        ([(None, None), (4.0, 2.0)], MOST_USED + 1, "warn", "76 of the 100 places"),
        ([(3.0, None), (4.0, 2.0)], 20, "warn", "1 false alarm"),
        ([(None, None), (1.0, 2.0)], 20, "warn", "1 false alarm"),
        ([(None, None), (None, 2.0)], 20, "warn", "1 missed"),
    ],
)
def test_an_alert_is_judged_by_silence_and_by_the_places_left(
    fired: list[tuple[float | None, float | None]], used: int, kind: str, said: str
) -> None:
    """A good rule is quiet where nothing is broken, and fires before three quarters of the places are taken."""
    note = judgement(fired, used)
    assert note.kind == kind
    assert said in note.lines[0]


@pytest.mark.parametrize(
    ("answer", "formed", "right"),
    [
        ({"payments": 0.3, "search": 0.2, "recommendations": 0.12}, True, True),
        ({"payments": 0.5, "search": 0.5, "recommendations": 0.5}, True, False),
        ({"payments": 0.12, "search": 0.12, "recommendations": 0.12}, True, False),
        ({"payments": 0.3, "search": 0.2}, False, False),
        (0.3, False, False),
    ],
)
def test_one_timeout_for_all_is_not_the_shortest_for_each(answer: Any, formed: bool, right: bool) -> None:
    """The question about timeouts needs the table: neither one round number for all nor one below p99 is right."""
    question = next(q for q in DIAGNOSIS.questions if q.name == "shortest_s")
    assert question.well_formed(answer) == formed
    assert not formed or question.right(answer) == right


def test_a_request_whose_service_was_never_called_has_an_empty_row() -> None:
    """The chart of one checkout says that payments was never called; a checkout that was charged shows the call."""
    left = request(LOAD, "visit-1", CHECKOUT, 1.0, 3.0, status=0)
    assert figures.one_request(run_of([left], []), "visit-1").summary.endswith("storefront->payments never called.")
    called = request(LINKS["payments"], "visit-1", "POST /charge", 1.1, 2.0)
    assert "never called" not in figures.one_request(run_of([left, called], []), "visit-1").summary

"""What scenarios make production do is what they say: seen on the wire and in what services without a repair wrote down."""

from __future__ import annotations

from collections import Counter

import labs
from labs.kit.model.lab import REFERENCE
from labs.kit.model.record import Run
from labs.kit.worlds.run import run
from labs.lab02_memory.scenarios import ABROAD, STORE_FAILS_S
from labs.lab03_database import readings as lab03
from labs.lab03_database.scenarios import ASKED_IN_STALL_S, QUIET, STALL_S, TAKEN_S
from labs.lab05_timeouts import readings as lab05
from labs.lab05_timeouts.scenarios import ERROR_S, HALF_S, ONE_ERROR_S, REFUSED_S, RUSH
from labs.lab06_retries.scenarios import GARBLED, LULLS
from labs.lab07_backpressure.scenarios import CALM_AT_S, CALM_S, ERRORS_AT_S, ERRORS_S, HANGS_AT_S, MODEST
from labs.lab08_workers.scenarios import KILLS_S, PARTNER_FAILS_S


def reference(lab_name: str, scenario: str) -> Run:
    """The reference's run of a scenario, as checks see it."""
    lab = labs.load(lab_name)
    return run(lab, lab.fix(REFERENCE), "simulated", lab.scenario(scenario), 0).believed()


def ended(run: Run, link: str, window: tuple[float, float]) -> Counter[int]:
    """How the calls ended that were sent in the window, by status; 0 for one without an answer."""
    return Counter(r.status for r in run.requests(link) if window[0] <= r.sent < window[1])


def test_lab02_the_store_answers_errors_for_a_while() -> None:
    """Between its seconds each question for figures is answered 503, several at once, and never elsewhere."""
    seen = reference("lab02", "stampede")
    begin, end = STORE_FAILS_S
    failed = [r for r in seen.requests("reports->store") if r.status == 503]
    assert len(failed) > 10
    assert all(r.done is not None and begin <= r.done < end + 0.1 for r in failed)
    assert ended(seen, "reports->store", (begin, end - 0.2)).keys() == {503}


def test_lab02_a_report_is_asked_for_that_the_store_cannot_give() -> None:
    """While the store fails, the probe asks for reports of its own, and finds none of them among the last answers."""
    seen = reference("lab02", "stampede")
    asked = [e for e in seen.events("recent") if e.subject.startswith("single-")]
    assert len(asked) >= 3
    assert {e.detail for e in asked} == {"right"}
    assert all(STORE_FAILS_S[0] <= e.time for e in asked)


def test_lab02_reports_are_asked_for_in_both_currencies() -> None:
    """Each fourth revision is looked at in the other currency, too."""
    answers = reference("lab02", "revisions").events("answer")
    abroad = sum(e.subject.endswith(ABROAD) for e in answers)
    assert abs(4 * abroad - (len(answers) - abroad)) < 4


def test_lab03_the_database_stalls_for_longer_than_anybody_waits() -> None:
    """A page that is asked for as the stall begins is a 504; no statement ends until the stall does."""
    seen = reference("lab03", "quiet")
    assert ended(seen, lab03.PARTNER, ASKED_IN_STALL_S) == {504: 1}
    assert not [s for s in lab03.statements(seen) if STALL_S[0] + 0.1 < s.time < STALL_S[1]]


def test_lab03_a_file_is_stored_between_two_statements_of_a_page() -> None:
    """The orders of a page are read, then a file is stored, then the items are read."""
    seen = reference("lab03", "quiet")
    done = [s for s in lab03.statements(seen) if s.time >= lab03.PARTS[lab03.IMPORT][0]]
    files = [place for place, s in enumerate(done) if s.commits][: QUIET["between_files"]]
    assert [done[place - 1].request_id == done[place + 1].request_id for place in files] == [True] * len(files)
    assert [a.wrong for a in lab03.answers(seen) if a.subject == "between"] == [""] * len(files)


def test_lab03_ids_have_gaps_and_one_is_taken() -> None:
    """The warehouse deletes orders of each page of the archive; a file with a taken id is refused, also alone."""
    seen = reference("lab03", "quiet")
    pages = lab03.in_part(seen, lab03.ARCHIVE)
    assert sum("DELETE FROM orders" in s.sql for s in lab03.part(seen, lab03.ARCHIVE)) == pages > 0
    assert ended(seen, lab03.PARTNER, TAKEN_S) == {500: 2}


def test_lab05_a_service_refuses_fails_and_breaks_off() -> None:
    """Recommendations cannot be reached, then answers 500, as search does, then half or nothing, and in the end 500 once.

    Payments has moved the money of which it tells half or nothing.
    """
    seen = reference("lab05", "errors")
    link = lab05.OPTIONAL
    assert 200 not in ended(seen, link, REFUSED_S)
    assert ended(seen, link, (ERROR_S[0], ERROR_S[1] - 0.1)).keys() == {500}
    assert ended(seen, lab05.LINKS["search"], (ERROR_S[0], ERROR_S[1] - 0.1)).keys() == {500}
    assert ended(seen, link, HALF_S).keys() == {0, 200}
    assert ended(seen, lab05.LINKS["payments"], HALF_S).keys() == {0, 200}
    assert ended(seen, link, (ONE_ERROR_S - 0.5, seen.info.load_s))[500] == 1
    assert lab05.share_shown(seen, HALF_S[0], HALF_S[1] - 0.3) == 0
    cut = [c for c in lab05.charges(seen) if HALF_S[0] < c.ended < HALF_S[1]]
    paid = {r.request_id for r in lab05.requests(seen, (lab05.CHECKOUT,)) if r.ok}
    assert [c for c in cut if c.charged and c.order not in paid]


def test_lab05_many_check_out_as_payments_gets_slow() -> None:
    """In `slow`, a rush of checkouts begins with the trouble, and most of them are answered too late for their customers."""
    seen = reference("lab05", "slow")
    begin, _ = lab05.trouble(seen)
    assert len(lab05.requests(seen, (lab05.CHECKOUT,), begin, begin + 1)) >= RUSH
    assert not any(r.ok for r in lab05.requests(seen, (lab05.CHECKOUT,), begin + 0.1, begin + 1))


def test_lab06_some_second_attempts_are_answered_without_json() -> None:
    """In `hiccups` as many orders fail although the last answer on them was 200."""
    seen = reference("lab06", "hiccups")
    last = {r.request_id: r.status for r in sorted(seen.requests("shop->payments"), key=lambda r: r.sent)}
    assert sum(last[r.request_id] == 200 for r in seen.requests("load->shop") if not r.ok) == GARBLED


def test_lab06_the_bank_stalls_in_a_quiet_hour() -> None:
    """In `lull`, the first and second orders time out, and the third comes shortly before the bank is back."""
    seen = reference("lab06", "lull")
    orders = [r.request_id for r in seen.requests("load->shop")]
    late = {r.request_id for r in seen.requests("shop->payments") if r.status == 0}
    assert len(orders) == 3 * LULLS
    assert late == {order for n, order in enumerate(orders) if n % 3 < 2}


def test_lab06_orders_come_twice_at_once() -> None:
    """In `twice` each order comes twice within a hundredth of a second, and both are under way at once."""
    seen = reference("lab06", "twice").requests("load->shop")
    pairs = [(a, b) for a, b in zip(seen[::2], seen[1::2], strict=True)]
    assert len(pairs) == 10
    assert all(a.request_id == b.request_id and a.done is not None and b.sent < a.done for a, b in pairs)


def test_lab06_connections_break_off() -> None:
    """In `breaks` some attempts in a hundred end without an answer, and none of them is answered with an error."""
    attempts = Counter(r.status for r in reference("lab06", "breaks").requests("shop->payments"))
    assert attempts.keys() == {0, 200}
    assert 0.04 < attempts[0] / attempts.total() < 0.15


def test_lab07_the_renderer_hangs_fails_and_cannot_be_reached() -> None:
    """In `errors` nothing comes back at first, then 503, then no call reaches it."""
    seen = reference("lab07", "errors")
    half = ERRORS_AT_S + ERRORS_S / 2
    assert not [r for r in seen.requests("api->renderer") if HANGS_AT_S + 0.1 < (r.done or 0.0) < ERRORS_AT_S]
    assert ended(seen, "api->renderer", (ERRORS_AT_S, half - 0.1)).keys() == {503}
    assert 200 not in ended(seen, "api->renderer", (half, ERRORS_AT_S + ERRORS_S))


def test_lab07_one_client_fills_its_places_as_the_renderer_hangs() -> None:
    """In `errors` it is refused within a quarter of a second, and asks for as little as a shop when all is over."""
    seen = reference("lab07", "errors")
    asked = seen.requests("bulk->api")
    assert sum(r.status == 429 for r in asked if HANGS_AT_S < r.sent < ERRORS_AT_S) >= 10
    assert 5 <= sum(r.sent >= CALM_AT_S for r in asked) <= 2 * MODEST * CALM_S


def test_lab08_the_partner_fails_before_two_kills() -> None:
    """In `kills` some invoices are answered 503 before the second and the last kill, and all are delivered in the end."""
    seen = reference("lab08", "kills")
    failed = [r for r in seen.requests("shop->partner") if r.status == 503]
    for kill, seconds in zip(KILLS_S[1:], PARTNER_FAILS_S, strict=True):
        assert len([r for r in failed if r.done is not None and kill - seconds <= r.done <= kill]) >= 3
    delivered = {log.request_id for log in seen.logs("partner") if log.event == "delivered"}
    assert {r.endpoint.rpartition("/")[2] for r in failed} <= delivered

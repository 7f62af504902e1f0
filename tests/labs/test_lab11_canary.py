"""lab11: what the record says of users sent back, bounds with their confidence, and the fleet's drawn releases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from labs.kit.model.record import Event, Record, Run
from labs.lab11_canary import readings, releases, theory
from tests.kit.handmade import make_info, make_request


def record(*rows: tuple[float, str, str, str]) -> Run:
    """A run with these events: (time, kind, subject, by)."""
    made = Record()
    made.add("events", [Event(at, kind, subject, "", by) for at, kind, subject, by in rows])
    return made.close(make_info(lab="lab11_canary", load_s=30.0, seconds=32.0))


def visits(user: str, *got: tuple[float, str]) -> Sequence[tuple[float, str, str, str]]:
    """Requests of one user: when, and which version."""
    return [(at, "served", user, version) for at, version in got]


def test_a_user_is_sent_back_once() -> None:
    """Who comes back to the old version counts once, with the shares in force; who moves on to the new one does not."""
    run = record((1, "share", "0.1", "monitor"), *visits("a", (2, "canary"), (3, "stable"), (4, "canary"), (5, "stable")))
    back, again = readings.sent_back(run)
    assert [(sent.left, sent.back, sent.share_left) for sent in back] == [(2, 3, 0.1)]
    assert again == 1
    assert readings.sent_back(record((1, "share", "0.1", "monitor"), *visits("b", (2, "stable"), (3, "canary"))))[0] == []


def test_after_a_rollback_nobody_is_sent_back() -> None:
    """A share that falls sends users back rightly."""
    run = record((1, "share", "0.1", "monitor"), (4, "share", "0", "monitor"), *visits("a", (2, "canary"), (5, "stable")))
    assert readings.sent_back(run) == ([], 0)


def test_the_split_counts_each_user_once() -> None:
    """A user who is drawn anew at each request is no more than the part of the requests that the new version got."""
    run = record((1, "share", "0.5", "monitor"), *visits("a", (2, "canary"), (3, "stable")), *visits("b", (4, "canary")))
    got, due, spread = readings.split(run)
    assert (got, due) == (1.5, 1.0)
    assert spread == pytest.approx(0.5**0.5)


@pytest.mark.parametrize(("hits", "of", "upper"), [(0, 10, 0.2589), (8, 750, 0.0191), (10, 10, 1.0)])
def test_bounds_are_those_of_clopper_and_pearson(hits: int, of: int, upper: float) -> None:
    """One-sided, 95 %: 1 - 0.05 ** (1 / 10) for none in ten."""
    assert readings.at_most(hits, of) == pytest.approx(upper, abs=5e-4)
    assert readings.at_least(of - hits, of) == pytest.approx(1 - upper, abs=5e-4)


def test_releases_are_drawn_as_the_page_says() -> None:
    """A good version fails as often as the old one; one that is bad at once in 4 % more; who is rolled back harms nobody."""
    drawn = releases.Releases(200, np.random.default_rng(1))
    drawn.share[:] = 0.5
    second = drawn.draw()
    for kind, rate in ((releases.GOOD, 0.01), (releases.AT_ONCE, 0.05)):
        mine = drawn.kinds[second.numbers] == releases.KINDS.index(kind)
        requests, errors = second.canary[mine].sum(axis=(0, 1))[:2]
        assert errors / requests == pytest.approx(rate, abs=0.005)
    assert (second.canary[..., 2:].sum(axis=-1) == second.canary[..., 0]).all()
    before = drawn.harmed.copy()
    for number in range(len(drawn.kinds)):
        drawn.apply(number, "rollback")
    drawn.close()
    assert (drawn.harmed == before).all()


def test_a_bad_release_that_is_let_out_harms_until_people_notice() -> None:
    """100 requests a second x 4 % x NOTICED_S."""
    drawn = releases.Releases(100, np.random.default_rng(2))
    for number in range(len(drawn.kinds)):
        drawn.apply(number, 1.0)
    drawn.close()
    told = drawn.told()[releases.AT_ONCE]
    assert told["promoted"] == 100
    assert told["harmed"] / 100 == pytest.approx(100 * 0.04 * releases.NOTICED_S, rel=0.05)


def test_a_release_that_fell_silent_is_late_unless_it_is_rolled_back_soon() -> None:
    """It counts nothing from its share on, for good; who halts it, lets it out or waits is late."""
    drawn = releases.Releases(80, np.random.default_rng(3))
    mine = np.flatnonzero(drawn.kinds == releases.KINDS.index(releases.SILENT))
    drawn.share[:] = 0.2
    second = drawn.draw()
    silent = mine[drawn.silent_from[mine] <= 0.2]
    heard = {int(number): bool(counts.any()) for number, counts in zip(second.numbers, second.canary, strict=True)}
    assert {int(number) for number in mine if not heard[number]} == set(silent.tolist())
    drawn.share[:] = 0.1
    assert not drawn.draw().canary[np.isin(second.numbers, silent)].any()
    answers = ("rollback", "halt", 1.0)
    for place, number in enumerate(silent):
        drawn.apply(number, answers[place % 3])
    drawn.close()
    assert drawn.told()[releases.SILENT]["late"] == len(silent) - len(silent[::3])


def test_a_better_release_fails_less_than_the_old_one() -> None:
    """And one on a bad day three times as much as the old one, which fails itself."""
    drawn = releases.Releases(200, np.random.default_rng(4))
    drawn.share[:] = 0.5
    second = drawn.draw()
    for kind, rates in ((releases.BETTER, (0.05, 0.01)), (releases.BAD_DAY, (0.2, 0.6))):
        mine = drawn.kinds[second.numbers] == releases.KINDS.index(kind)
        for counts, rate in zip((second.stable, second.canary), rates, strict=True):
            requests, errors = counts[mine].sum(axis=(0, 1))[:2]
            assert errors / requests == pytest.approx(rate, rel=0.25)


def test_the_sequential_test_keeps_walds_promise() -> None:
    """However often one looks, a likelihood ratio of 100 is reached by at most one good release in a hundred."""
    found = theory.measure(theory.sequential(np.log(100)))
    assert found.false <= 0.01
    assert found.caught >= 0.98


def asked(*rows: tuple[float, str, str, int]) -> Run:
    """A run in which one user asked so often: (time, share in force, version, status)."""
    made = Record()
    for number, (at, share, version, status) in enumerate(rows):
        name = f"request-{number}"
        made.add("events", [Event(at, "share", share, "", "monitor"), Event(at + 0.01, "served", "a", name, version)])
        made.add("requests", [make_request(at, 0.05, status, link=f"router->{version}", request_id=name)])
    return made.close(make_info(lab="lab11_canary", load_s=30.0, seconds=32.0))


def test_who_is_taken_back_saw_both_versions() -> None:
    """The new version failed, and the very next page came from the old one and was right."""
    assert readings.back(asked((1, "0.1", "canary", 500), (2, "0.1", "stable", 200)), "a")
    assert not readings.back(asked((1, "0.1", "canary", 200), (2, "0.1", "stable", 200)), "a")
    assert not readings.back(asked((1, "0.1", "canary", 500), (2, "0.1", "stable", 500)), "a")
    assert not readings.back(asked((1, "0.1", "canary", 500), (2, "0.1", "canary", 500), (3, "1", "canary", 200)), "a")


def test_who_is_kept_had_no_other_version() -> None:
    """Twice or more before everybody has it; what comes later does not count, nor what came before the first time."""
    assert readings.kept(asked((1, "0", "stable", 200), (2, "0.1", "canary", 200), (3, "0.5", "canary", 500)), "a")
    assert not readings.kept(asked((1, "0.1", "canary", 200), (2, "1", "canary", 200)), "a")
    assert not readings.kept(
        asked((1, "0.1", "canary", 200), (2, "0.1", "canary", 200), (3, "0.5", "stable", 200)), "a"
    )  # fmt: skip

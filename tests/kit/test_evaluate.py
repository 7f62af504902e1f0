"""From runs to verdicts: seeds, gates, shares, statuses, and what was never attempted."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

import labs
from labs.kit.judging.evaluate import TRIES, attempted, evaluate, judge_runs, not_attempted, same_code
from labs.kit.model.lab import Check, Diagnosis, Fix, Lab, Scenario, UnknownName
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.verdict import Finding, Status, maximum, total
from labs.kit.worlds import run as experiment
from labs.kit.worlds.run import run
from tests.kit.handmade import make_request, make_run

BROKEN = '"""As it failed."""\n\n\ndef pay(n):\n    return n  # nothing yet\n'


def success(scenario, goal):
    """A judge: the share of requests answered in one scenario."""

    def judge(runs):
        rows = runs[scenario].requests()
        share = sum(r.ok for r in rows) / len(rows)
        passed = share >= goal
        return Finding(passed, share, "recovers" if passed else "never_recovers", f"{share:.0%} were answered.")

    return judge


def check(name, scenario="outage", goal=0.9, bound="at least", **changes):
    """A check worth two points, unless changed."""
    base = {"points": 2.0, **changes}
    judge = base.pop("judge", success(scenario, goal))
    needs = base.pop("needs", (scenario,))
    return Check(name, f"title of {name}", needs, judge, goal, bound, "share", f"hint of {name}", **base)


def make_lab(*checks, **changes):
    """A lab of nothing but its checks and two scenarios."""
    scenarios = {name: Scenario(name, (Phase(10, 10),)) for name in ("outage", "calm")}
    return Lab(
        name="lab98_testing", title="", failure="", signal="", minutes=1, services=(), entry="shop",
        request=lambda i, rng: HttpRequest("GET", "/", f"r{i}"), scenarios=scenarios, checks=checks,
        diagnosis=Diagnosis((), 0, ""), hints=(), reference="right", **changes,
    )  # fmt: skip


def answered(share, **info):
    """A run of ten requests of which this share is answered."""
    return make_run([make_request(float(s), status=200 if s < 10 * share else 504) for s in range(10)], **info)


def by_name(verdicts):
    """Verdicts by their check."""
    return {v.check: v for v in verdicts}


def test_a_check_passes_if_it_passes_on_every_seed():
    """All points on all seeds, none otherwise; the message says on how many it failed, and the hint comes only then."""
    lab = make_lab(check("recovers"))
    [good] = judge_runs(lab, {("outage", s): answered(1.0) for s in (0, 1, 2)}, [0, 1, 2])
    assert (good.status, good.points, good.max_points, good.hint) == (Status.PASS, 2.0, 2.0, "")
    mixed = {("outage", 0): answered(1.0), ("outage", 1): answered(0.2), ("outage", 2): answered(0.5)}
    [bad] = judge_runs(lab, mixed, [0, 1, 2])
    assert (bad.status, bad.points, bad.hint) == (Status.FAIL, 0.0, "hint of recovers")
    assert bad.message == "20% were answered. (Failed on 2 of 3 seeds.)"
    assert (bad.reason, bad.goal, bad.unit, bad.title) == ("never_recovers", 0.9, "share", "title of recovers")


def test_the_worst_seed_is_shown():
    """Measured is the seed furthest from the goal: the lowest where it must be high, the highest where it must be low."""
    runs = {("outage", s): answered(share) for s, share in ((0, 0.95), (1, 1.0), (2, 0.9))}
    [low] = judge_runs(make_lab(check("recovers")), runs, [0, 1, 2])
    assert (low.status, low.measured) == (Status.PASS, 0.9)
    [high] = judge_runs(make_lab(check("calls", bound="at most")), runs, [0, 1, 2])
    assert high.measured == 1.0


def test_among_failures_the_worst_failure_is_shown():
    """A seed that passed is not shown for a check that failed, even if its figure is further out."""

    def judge(runs):
        value = runs["outage"].info.seed
        return Finding(value != 9, value, "r", f"saw {value}")

    lab = make_lab(check("odd", bound="at most", judge=judge))
    [verdict] = judge_runs(lab, {("outage", s): answered(1.0, seed=s) for s in (9, 20)}, [9, 20])
    assert (verdict.measured, verdict.message) == (9, "saw 9 (Failed on 1 of 2 seeds.)")


def test_points_lost_to_a_gate_say_to_which() -> None:
    """A check that passed and earns less than its points names the gates that failed; one that failed does not."""
    gates = [check(name, scenario="calm", points=0.0, gate=True, keeps=0.5) for name in ("harm", "loss")]
    lab = make_lab(check("recovers"), check("late", goal=2.0), *gates)
    found = by_name(judge_runs(lab, {("outage", 0): answered(1.0), ("calm", 0): answered(0.0)}, [0]))
    assert found["recovers"].points == 1.0
    assert found["recovers"].message.endswith("Only a part of its points counts, for a gate failed: harm, loss.")
    assert "gate" not in found["late"].message


def test_a_narrow_pass_is_called_so():
    """A pass nearer to its goal than the check's `narrow` says so; a clear one does not."""
    lab = make_lab(replace(check("recovers"), narrow=0.05))
    told = [judge_runs(lab, {("outage", 0): answered(share)}, [0])[0].message for share in (0.9, 1.0)]
    assert [("narrow" in message) for message in told] == [True, False]


def test_one_seed_says_nothing_of_seeds():
    """With a single seed the message is the finding's own."""
    [verdict] = judge_runs(make_lab(check("recovers")), {("outage", 0): answered(0.0)}, [0])
    assert verdict.message == "0% were answered."


def gated(keeps=0.0):
    """A lab with two graded checks and one gate."""
    return make_lab(
        check("recovers", points=3.0),
        check("other", points=1.0),
        check("unharmed", scenario="calm", points=0.0, gate=True, keeps=keeps),
    )


@pytest.mark.parametrize(("keeps", "points"), [(0.0, 0.0), (0.5, 2.0), (0.25, 1.0)])
def test_a_gate_takes_and_never_gives(keeps, points):
    """A gate that holds leaves all points; one that fails leaves the share it keeps; it is worth nothing itself."""
    lab = gated(keeps)
    runs = {("outage", 0): answered(1.0), ("calm", 0): answered(1.0)}
    assert total(judge_runs(lab, runs, [0])) == maximum(judge_runs(lab, runs, [0])) == lab.max_points == 4.0
    verdicts = judge_runs(lab, {**runs, ("calm", 0): answered(0.0)}, [0])
    assert total(verdicts) == points
    assert maximum(verdicts) == 4.0
    assert by_name(verdicts)["recovers"].status is Status.PASS
    assert by_name(verdicts)["unharmed"].gate


def test_the_strictest_of_several_gates_counts():
    """Two failed gates leave the smaller of their shares, not the product."""
    lab = make_lab(
        check("recovers", points=4.0),
        check("half", scenario="calm", points=0.0, gate=True, keeps=0.5),
        check("quarter", scenario="calm", points=0.0, gate=True, keeps=0.25),
    )
    verdicts = judge_runs(lab, {("outage", 0): answered(1.0), ("calm", 0): answered(0.0)}, [0])
    assert total(verdicts) == 1.0


def test_a_gate_alone_earns_nothing():
    """Code that keeps every gate and repairs nothing earns exactly zero."""
    verdicts = judge_runs(gated(), {("outage", 0): answered(0.0), ("calm", 0): answered(1.0)}, [0])
    assert total(verdicts) == 0.0
    assert by_name(verdicts)["unharmed"].status is Status.PASS


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.PASS, Status.FAIL, Status.NOT_ATTEMPTED)])
def test_a_run_that_ended_early_spoils_the_checks_that_need_it(status):
    """The run's status and reason become the check's, without a judge looking at it; other checks keep their points."""
    lab = make_lab(check("recovers"), check("calm", scenario="calm"))
    runs = {("outage", 0): answered(1.0), ("outage", 1): make_run(status=str(status), detail="fix.py:12: why"),
            ("calm", 0): answered(1.0), ("calm", 1): answered(1.0)}  # fmt: skip
    verdicts = by_name(judge_runs(lab, runs, [0, 1]))
    spoilt = verdicts["recovers"]
    assert (spoilt.status, spoilt.points, spoilt.max_points) == (status, 0.0, 2.0)
    assert (spoilt.message, spoilt.measured, spoilt.reason) == ("fix.py:12: why", None, str(status))
    assert verdicts["calm"].points == 2.0


def test_a_gate_that_could_not_be_measured_did_not_hold():
    """Crashing where a gate is measured is no way round the gate."""
    runs = {("outage", 0): answered(1.0), ("calm", 0): make_run(status="crashed", detail="gone")}
    assert total(judge_runs(gated(), runs, [0])) == 0.0


def test_a_check_may_need_several_runs():
    """A judge gets the runs it asked for, all of one seed."""
    seen = []

    def judge(runs):
        seen.append({name: r.info.seed for name, r in runs.items()})
        return Finding(True, 1.0, "", "")

    lab = make_lab(check("both", needs=("outage", "calm"), judge=judge))
    judge_runs(lab, {(n, s): answered(1.0, seed=s) for n in ("outage", "calm") for s in (4, 5)}, [4, 5])
    assert seen == [{"outage": 4, "calm": 4}, {"outage": 5, "calm": 5}]


@pytest.fixture
def lab_on_disk(tmp_path, monkeypatch):
    """The gated lab with a broken.py of its own."""
    (tmp_path / "fixes").mkdir()
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "fixes" / "right.py").write_text("def pay(n):\n    return 2 * n\n")
    monkeypatch.setattr(labs, "folder", lambda name: tmp_path)
    return gated()


@pytest.mark.parametrize(
    "source",
    ["", "\n\n# still thinking\n", BROKEN, BROKEN.replace("  # nothing yet", ""), BROKEN.replace("return n", "return (n)")],
)
def test_blank_untouched_and_reformatted_code_is_not_attempted(lab_on_disk, source):
    """Comments, blank lines and brackets make no attempt: what counts is the program."""
    assert not attempted(lab_on_disk, source)


@pytest.mark.parametrize("source", [BROKEN.replace("return n", "return n + 0"), "def pay(n:\n", "pass", "x = '\x00'"])
def test_another_program_or_none_is_an_attempt(lab_on_disk, source):
    """Another program is an attempt, and so is text that is no program: its syntax error is worth telling."""
    assert attempted(lab_on_disk, source)


def test_code_that_python_cannot_parse_equals_nothing():
    """Two texts with syntax errors, or too deep to parse, are not the same code, and comparing them does not raise."""
    deep = "(" * 5000 + ")" * 5000
    assert not same_code("def (", "def (")
    assert not same_code(deep, deep)
    assert same_code("x = 1", "x  =  1  # one")


def test_not_attempted_is_zero_with_a_hint(lab_on_disk):
    """Every check says not attempted, at zero of its points, with its hint."""
    verdicts = not_attempted(lab_on_disk)
    assert [v.status for v in verdicts] == [Status.NOT_ATTEMPTED] * 3
    assert total(verdicts) == 0
    assert maximum(verdicts) == 4
    assert all(v.hint and v.message.startswith("Nothing to judge yet") for v in verdicts)


class World:
    """A world in the place of the simulated one: notes what it was asked to run, and answers by a function."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.lock = threading.Lock()

    def __call__(self, lab, fix, scenario, seed, progress, tier):
        """Note the question, give the answer; `count` says how often it was asked."""
        with self.lock:
            self.asked.append((scenario.name, seed, scenario.settle_s, fix.name))
            count = sum(a[:2] == (scenario.name, seed) for a in self.asked)
        return self.answer(scenario, seed, count)


@pytest.fixture
def world(monkeypatch):
    """Puts a World in the place of the simulated one."""

    def install(answer):
        made = World(answer)
        monkeypatch.setitem(experiment.WORLDS, "simulated", made)
        return made

    return install


FIX = Fix("yours", "x = 1")


@pytest.mark.parametrize("jobs", [1, 3, None])
def test_evaluate_runs_each_scenario_once_a_seed(world, jobs):
    """Every scenario that a check needs runs once on each seed, whatever runs beside it, and progress counts them all."""
    made = world(lambda scenario, seed, count: answered(1.0 if seed != 1 else 0.5, seed=seed))
    steps = []
    verdicts = evaluate(gated(), FIX, [0, 1, 2], jobs=jobs, progress=lambda done, of: steps.append((done, of)))
    assert sorted(a[:2] for a in made.asked) == [(n, s) for n in ("calm", "outage") for s in (0, 1, 2)]
    assert steps == [(n, 6) for n in range(1, 7)]
    assert [v.status for v in verdicts] == [Status.FAIL] * 3
    assert by_name(verdicts)["recovers"].message == "50% were answered. (Failed on 1 of 3 seeds.)"


@pytest.mark.parametrize("status", [Status.INVALID, Status.INFRA_ERROR])
def test_a_bad_measurement_is_repeated_and_is_no_zero_if_it_comes_right(world, status):
    """A run that says nothing of the repair runs again; the third, good one counts in full."""
    made = world(lambda scenario, seed, count: answered(1.0) if count == TRIES else make_run(status=str(status)))
    [verdict] = evaluate(make_lab(check("recovers")), FIX, [0])
    assert (verdict.status, verdict.points) == (Status.PASS, 2.0)
    assert len(made.asked) == TRIES == 3


def test_a_measurement_that_stays_bad_is_said_to_be_bad(world):
    """After three tries the verdict names the measurement, not the repair, as at fault."""
    made = world(lambda scenario, seed, count: make_run(status="infra_error", detail=f"try {count}"))
    [verdict] = evaluate(make_lab(check("recovers")), FIX, [0])
    assert (verdict.status, verdict.message) == (Status.INFRA_ERROR, "try 3")
    assert len(made.asked) == TRIES


def test_a_crash_is_the_repairs_own_and_is_not_repeated(world):
    """What the repair did is run once; three tries are for the judge's own mishaps."""
    made = world(lambda scenario, seed, count: make_run(status="crashed", detail="fix.py:1"))
    [verdict] = evaluate(make_lab(check("recovers")), FIX, [0])
    assert verdict.status is Status.CRASHED
    assert len(made.asked) == 1


def test_a_private_secret_varies_the_scenarios_and_only_then(world):
    """With a secret, `vary` changes each scenario, the same way for the same secret; without one it is not called."""
    lab = make_lab(
        check("recovers"), check("calm", scenario="calm"), vary=lambda s, rng: s.with_(settle_s=rng.uniform(7, 99))
    )
    made = world(lambda scenario, seed, count: answered(1.0))

    def settles(private):
        made.asked.clear()
        evaluate(lab, FIX, [0, 1], private=private)
        return {(name, seed): settle for name, seed, settle, _ in made.asked}

    assert set(settles("").values()) == {6.0}
    one = settles("secret")
    assert one == settles("secret") != settles("other")
    assert one["outage", 0] == one["outage", 1] != one["calm", 0]


def test_run_names_the_worlds_and_scenarios_it_knows(world):
    """An unknown world or scenario is an error that lists the valid ones; a scenario may be given whole."""
    made = world(lambda scenario, seed, count: answered(1.0))
    lab = gated()
    with pytest.raises(UnknownName, match=r"unknown world 'moon'; the valid ones are: .*simulated"):
        run(lab, FIX, world="moon")
    with pytest.raises(UnknownName, match=r"unknown scenario 'flood'; the valid ones are: outage, calm"):
        run(lab, FIX, scenario="flood")
    run(lab, FIX, scenario=lab.scenario("calm").with_(settle_s=1.0), seed=8)
    assert made.asked == [("calm", 8, 1.0, "yours")]


def test_the_public_form_of_a_verdict_has_the_documented_keys():
    """`as_json` holds what graders script against, in order, and nothing else."""
    [verdict] = judge_runs(make_lab(check("recovers")), {("outage", 0): answered(0.0)}, [0])
    assert list(verdict.as_json()) == [
        "check", "status", "points", "max_points", "measured", "goal", "unit", "message", "hint",
    ]  # fmt: skip
    assert verdict.as_json()["status"] == "fail"
    assert type(verdict.as_json()["status"]) is str


def test_live_checks_are_judged_live_one_at_a_time_and_on_one_seed(world, monkeypatch):
    """Their scenarios run after the simulated ones, never two at once, on the first seed; progress counts both kinds."""
    at_once = []
    simulated = world(lambda scenario, seed, count: answered(1.0, seed=seed))

    def answer(scenario, seed, count):
        at_once.append(busy.acquire(blocking=False))
        busy.release()
        return answered(0.5 if scenario.name == "calm" else 1.0)

    busy, live = threading.Lock(), World(answer)
    monkeypatch.setitem(experiment.WORLDS, "live", live)
    lab = make_lab(check("timed"), check("counted", "calm", world="live"), check("more", "peak", world="live"))
    lab = replace(lab, scenarios={**lab.scenarios, "peak": Scenario("peak", (Phase(1, 1),))})
    steps = []
    verdicts = by_name(evaluate(lab, FIX, [3, 4], jobs=2, progress=lambda done, of: steps.append((done, of))))
    assert sorted(a[:2] for a in simulated.asked) == [("outage", 3), ("outage", 4)]
    assert sorted(a[:2] for a in live.asked) == [("calm", 3), ("peak", 3)]
    assert at_once == [True, True]
    assert steps == [(n, 4) for n in range(1, 5)]
    assert {name: v.status for name, v in verdicts.items()} == {
        "timed": Status.PASS, "counted": Status.FAIL, "more": Status.PASS,
    }  # fmt: skip


def test_a_scenario_belongs_to_one_world():
    """Two checks that want one scenario in different worlds are an error that names it, not a silent choice."""
    lab = make_lab(check("timed"), check("counted", world="live"))
    with pytest.raises(ValueError, match="checks of two worlds need the scenario 'outage'"):
        lab.graded_in("outage")

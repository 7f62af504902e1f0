"""Repairs that sleep where they should compute, or say that they compute: what was declared to the judge is counted."""

from __future__ import annotations

import pytest

import labs
from labs.kit.judging.evaluate import evaluate
from labs.kit.model.lab import Fix
from labs.kit.model.load import Phase
from labs.kit.model.verdict import Status, Verdict, total
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.simulated.misbehaving import HEALTHY
from tests.kit.simulated.tiny import tiny_run

SECRET = "a secret of this test"
SIGNS = "        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)\n"
RENDERS = "from labs.lab08_workers.rendering import "


def judged(lab: str, fix: str, old: str, new: str) -> dict[str, Verdict]:
    """The verdicts on one of our repairs in which a text was replaced, as it is graded: one seed, and a secret."""
    source = labs.load(lab).fix(fix).source
    assert source.count(old) == 1
    changed = Fix("mine", source.replace(old, new))
    return {v.check: v for v in evaluate(labs.load(lab), changed, (0,), private=SECRET)}


ZERO_KEY = """\
        from dataclasses import replace
        await asyncio.sleep((self.key.fold_ms + self.key.stretch_ms) / 1000)
        return stretch(fold(text, replace(self.key, fold_ms=0, stretch_ms=0)), replace(self.key, stretch_ms=0))
"""
FREE_CLOCK = """\
        import sys
        kernel = sys.modules[".".join(("labs", "kit", "worlds", "simulated", "host", "kernel"))]
        kernel.active.cpu = lambda *a, **named: None
        await asyncio.sleep((self.key.fold_ms + self.key.stretch_ms) / 1000)
        return stretch(fold(text, self.key), self.key)
"""


@pytest.mark.parametrize("signs", [ZERO_KEY, FREE_CLOCK], ids=["a key that costs nothing", "a kernel that charges nothing"])
def test_who_sleeps_instead_of_signing_is_not_paid(signs: str) -> None:
    """The signatures are right and come in their time; nobody computed them."""
    verdicts = judged("lab01_blocking", "right_all", SIGNS, signs)
    assert verdicts["right_answers"].reason == "not_computed"
    assert total(list(verdicts.values())) == 0


def test_who_copies_invoices_instead_of_making_them_is_not_paid() -> None:
    """The text is right, for the lab has a function that tells it to those who check; no line was measured or printed."""
    source = labs.load("lab08_workers").fix("reference").source
    begins = source.index("def render(")
    canned = """\
def render(order, lines):
    import time
    from labs.lab08_workers.rendering import invoice
    time.sleep(0.1)
    return invoice(order, lines)


"""
    ends = source.index("\n\n\n", begins) + 3
    verdicts = judged("lab08_workers", "reference", source[begins:ends], canned)
    assert verdicts["right"].reason == "not_computed"
    assert total(list(verdicts.values())) == 0


SAYS = """\
        import sys
        kernel = sys.modules[".".join(("labs", "kit", "worlds", "simulated", "host", "kernel"))]
        for who in {who}:
            kernel.active.send(b"P", who, (5_000_000).to_bytes(4, "little"))
"""


@pytest.mark.parametrize(
    ("who", "told"),
    [((0,), "answers while it says that it computes"), ((7, 8, 9), "more than its 2 cores"), ((7, 7), "two slices")],
    ids=["and answers", "on three cores", "twice under one lock"],
)
def test_who_says_that_it_computes_is_held_to_it(who: tuple[int, ...], told: str) -> None:
    """A process that computes under its own lock is silent, and no host has more cores than the lab gives it."""
    source = labs.load("lab01_blocking").fix("right_all").source
    returns = source[source.index('        return {"sku"') :].splitlines(keepends=True)[0]
    verdicts = judged("lab01_blocking", "right_all", returns, f"{SAYS.format(who=who)}{returns}")
    assert {v.status for v in verdicts.values()} == {Status.TAMPERED}
    assert told in verdicts["right_answers"].message


CHEAP_FONT = "from labs.lab08_workers import rendering\n\nrendering.HEIGHT_S = 0.0001\n"
NOT_GARBLED = "from labs.kit.service.env import Env\n\nEnv.repair = lambda self: self.fix\n"
SILENT_AUDIT = "from labs.kit.worlds.simulated.host.left_over import LeftOver\n\nLeftOver.end = lambda self: []\n"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (CHEAP_FONT, "shop has changed labs.lab08_workers.rendering.HEIGHT_S, which is the lab's and not the repair's."),
        (NOT_GARBLED, "shop has changed labs.kit.service.env.Env.repair, which is the lab's and not the repair's."),
        (SILENT_AUDIT, "shop does not say what it has left over."),
    ],
    ids=["a constant of the lab", "a method of the kit", "the audit itself"],
)
def test_who_changes_what_is_the_labs_has_tampered(changes: str, told: str) -> None:
    """Otherwise the right repair of lab08; one quiet second is enough."""
    lab = labs.load("lab08_workers")
    scenario = lab.scenario("day").with_(load=(Phase(2.0, 1.0),), settle_s=1.0)
    run = run_simulated(lab, Fix("mine", changes + lab.fix("reference").source), scenario, 0)
    assert (run.status, run.info.detail) == (Status.TAMPERED, told)


def test_a_lab_from_elsewhere_is_no_more_the_repairs_than_ours() -> None:
    """What belongs to the package of the service counts, whatever that is called."""
    run = tiny_run("fixed", f"from tests.kit.simulated import apps\n\napps.BIG = b''\n{HEALTHY}", seconds=2)
    told = "me has changed tests.kit.simulated.apps.BIG, which is the lab's and not the repair's."
    assert (run.status, run.info.detail) == (Status.TAMPERED, told)

"""lab13: labelled lines that are still there, twins that are twins, and how findings are held against them."""

from __future__ import annotations

import ast
import json
import random
from collections import Counter

import pytest

import labs
from labs.kit.model.record import Event, Record, Run
from labs.lab13_hazards import changes, course, plan, readings, sources, twins
from tests.kit.handmade import make_info

LAB = labs.load("lab13_hazards")
FILES = course.files()


def record(*rows: tuple[str, str, object]) -> Run:
    """A run in which the review told this: (kind, subject, detail)."""
    made = Record()
    made.add("events", [Event(1.0, kind, subject, json.dumps(detail), "review") for kind, subject, detail in rows])
    return made.close(make_info(lab="lab13_hazards", load_s=10.0, seconds=12.0))


@pytest.mark.parametrize("label", course.LABELS, ids=lambda label: f"{label.path} {label.code} {label.lines[0][:30]}")
def test_a_labelled_line_is_there(label: course.Label) -> None:
    """Each line that a label names stands in its file: who changes the line changes the label."""
    assert label.path in FILES
    assert label.code in twins.CODES
    there = {line.strip() for line in FILES[label.path].split("\n")}
    assert set(label.lines) <= there


def test_the_course_is_read_whole() -> None:
    """Two files of each lab from 00 to 12; the text is that of the repair that the lab itself names."""
    assert len(FILES) == 2 * len(course.NUMBERS)
    named = labs.load("lab06_retries")
    assert FILES[f"06 {named.reference}"] == named.fix("reference").source


def test_a_wrong_repair_differs_from_its_right_one_in_one_line() -> None:
    """What the page shows side by side: the sources as those labs run them, one line apart, docstrings aside."""
    for number, (right, wrong) in course.PAIRS.items():
        lines = [course.pairs()[f"{number} {stem}"].split("\n")[1:] for stem in (right, wrong)]
        assert sum(a != b for a, b in zip(*lines, strict=True)) == 1


def test_twins_are_twins() -> None:
    """Both halves are Python, and differ; each rule has three pairs for practice and seven that are judged."""
    assert Counter((pair.code, pair.practice) for pair in twins.PAIRS) == {
        (code, practice): 3 if practice else 7 for code in twins.CODES for practice in (True, False)
    }
    for pair in (*twins.PAIRS, *twins.CLAUSES):
        assert ast.dump(ast.parse(pair.bad)) != ast.dump(ast.parse(pair.good))


@pytest.mark.parametrize("seed", range(10))
def test_each_half_is_asked_about_in_both_variants(seed: int) -> None:
    """Every half once alone and once dressed; pieces cover the lines of their module, one after the other."""
    asked = twins.modules(random.Random(seed))
    pieces = Counter((p.pair, p.bad, m.variant) for m in asked for p in m.pieces if p.pair >= 0)
    assert set(pieces.values()) == {1}
    assert len(pieces) == 4 * len(twins.PAIRS)
    for module in asked:
        ast.parse(module.source)
        assert [p.first for p in module.pieces] == [1, *(p.last + 1 for p in module.pieces[:-1])]


def test_a_dressed_program_is_the_same_program() -> None:
    """Names and imports change, and what is called does not; no name of the table is left."""
    source = "import time\nclass A:\n    def __init__(self):\n        self.kept = []\n"
    source += "    def add(self, x):\n        time.sleep(0)\n        self.kept.append(x)\n        return len(self.kept)\n"
    for seed in range(20):
        text = twins.dressed(source, random.Random(seed))
        assert "kept" not in text
        scope: dict[str, object] = {"__name__": "here"}
        exec(compile(text, "dressed", "exec"), scope)
        made = next(value for value in scope.values() if isinstance(value, type) and value.__module__ == "here")()
        add = next(name for name in vars(type(made)) if not name.startswith("__"))
        assert [getattr(made, add)(1), getattr(made, add)(1)] == [1, 2]


def test_a_change_brings_the_line_that_it_says() -> None:
    """Where a change brings something, that line is new in its file, or stands there once more; but for the one that changes
    another line, and an old one becomes a hazard by that."""
    for change in changes.changes(random.Random(1)):
        for source in (*change.before.values(), *change.after.values()):
            ast.parse(source)
        if change.brings:
            path, text, _ = change.place(*change.brings)
            before, after = (
                Counter(line.strip() for line in files.get(path, "").split("\n")) for files in (change.before, change.after)
            )
            assert after[text] - before[text] == (change.name != "a function made a coroutine")


def test_sources_are_python() -> None:
    """All that the large scenario asks about can be parsed; the long module has about 3,000 lines."""
    found = dict(sources.all_of(random.Random(1)))
    assert 2_500 <= found[sources.LONG].count("\n") <= 3_500
    for source in found.values():
        ast.parse(source)


def test_a_finding_belongs_to_a_label_within_a_line() -> None:
    """One line beside counts; two do not, and are a finding without cause. A hard label counts neither way."""
    [label] = [one for one in course.LABELS if one.path == "07 broken"]
    line = course.lines_of(label, FILES["07 broken"])[0]
    near = readings.labelled(record(("course", "07 broken", {"BF103": [line + 1]})))
    assert (near.met, near.false) == ((label,), ())
    far = readings.labelled(record(("course", "07 broken", {"BF103": [line + 2]})))
    assert (far.missed, far.false) == ((label,), (("07 broken", "BF103", line + 2),))
    hard = next(one for one in course.LABELS if one.path == "11 right_sequential")
    line = course.lines_of(hard, FILES[hard.path])[0]
    found = readings.labelled(record(("course", hard.path, {"BF103": [line]})))
    assert (found.met, found.missed, found.false) == ((), (), ())


def test_another_rules_finding_in_a_snippet_does_not_count() -> None:
    """A verdict is about the rule of the pair; noise counts for every rule, each piece once per rule."""
    pair = next(n for n, one in enumerate(twins.PAIRS) if one.code == "BF101" and not one.practice)
    run = record(
        ("piece", f"{pair} bad plain", {"BF102": [1, 0]}),
        ("piece", f"{pair} good plain", {"BF101": [2, 7]}),
        ("piece", "-1 good dressed", {"BF101": [1, 0]}),
        ("piece", "-1 good dressed", {"BF101": [2, 0]}),
    )
    assert readings.of_twins(run, "BF101") == readings.Score(1, 0, 2)


def test_the_plan_has_eight_hazards_in_24_sentences() -> None:
    """Twelve are asked for; four are not there, and their answer is 0."""
    assert len(plan.PLAN) == 24
    places = [plan.place(hazard.name) for hazard in plan.HAZARDS]
    assert (len(places), places.count(0), len(set(places))) == (12, 4, 9)

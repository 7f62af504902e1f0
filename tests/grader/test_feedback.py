"""The page that a learner gets back, and that a grader opens: what it says, and what it cannot do."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from nbgrader.converters import GenerateFeedback

from tests.grader.conftest import ANSWER, NAME, STARVED, Course
from tests.grader.odd import behind, cell, filled

pytestmark = pytest.mark.usefixtures("judge_here")
OWNED = "<script>owned()</script><img src=x onerror='owned()'>"


class Owned(HTMLParser):
    """Finds the word "owned" wherever a browser would run it or take it for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look into attributes."""
        self.inside = tag if tag in ("script", "style", "iframe") else ""
        for name, value in attrs:
            # A link is harmless unless it begins with a scheme that runs script: browsers take the rest for an address.
            link = name == "href" and not (value or "").strip().lower().startswith(("javascript:", "vbscript:", "data:"))
            if "owned" in f"{name}{value}" and not link:
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        self.inside = ""

    def handle_data(self, data: str) -> None:
        """Look into scripts."""
        if self.inside and "owned" in data:
            self.found.append(self.inside)


def page(course: Course, student: str) -> str:
    """The feedback page of one student."""
    config = course.config()
    GenerateFeedback(coursedir=course.directory(student_id=student), config=config).start()
    return (course.root / "feedback" / student / NAME / f"{NAME}.html").read_text()


def test_the_page_says_what_was_measured_the_goal_and_a_hint(course: Course) -> None:
    """A learner can act on it: status, points, measured against goal, message, hint, and how it was judged."""
    course.submit("a", filled(course.release, "%%fix\n" + STARVED, ANSWER))
    course.autograde()
    html = page(course, "a")
    for words in (
        "Measured 1 jobs; goal: at least 2 jobs",
        "The limit is 1. (Failed on 3 of 3 seeds.)",
        "How many can wait before &lt;they&gt; give up?",
        "public seeds 0, 1, 2",
        "(Score: 5.0 / 9.5)",
    ):
        assert words in html


def test_no_part_of_a_submission_runs_in_the_readers_browser(course: Course) -> None:
    """Not its markdown, its code, its outputs, its errors, its extra cells, its answer, its file names."""
    nb = filled(
        course.release,
        f"%%fix\nraise RuntimeError({OWNED!r})",
        f"%%diagnosis\n{OWNED}",
        runbook=f"\\`{OWNED}\\` [x](javascript:owned())",
    )
    outputs = [
        {"output_type": "display_data", "data": {"text/html": OWNED, "text/plain": OWNED}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/svg+xml": f"<svg onload='owned()'>{OWNED}</svg>"}, "metadata": {}},
        {"output_type": "display_data", "data": {"application/javascript": "owned()"}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": '" onerror="owned()'}, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": OWNED},
        {"output_type": "error", "ename": OWNED, "evalue": OWNED, "traceback": [OWNED]},
    ]
    for name in ("setup", "fix", "check_bounded"):
        cell(nb, name)["outputs"] = outputs
    behind("fix", OWNED, like=False)(nb)
    nb["cells"].append({"cell_type": "markdown", "metadata": {}, "source": OWNED})
    nb["cells"].append(
        {"cell_type": "raw", "metadata": {"format": "text/html", "raw_mimetype": "text/html"}, "source": OWNED}
    )
    nb["metadata"]["breakfix"] = {"lab": OWNED}
    nb["metadata"]["title"] = OWNED
    course.submit("a", nb, file="<img src=x onerror='owned()'>.ipynb")
    course.autograde()
    html = page(course, "a")
    assert html.count("owned") >= 8  # it is all there to be read
    parser = Owned()
    parser.feed(html)
    assert parser.found == []

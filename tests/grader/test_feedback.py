"""The page that a learner gets back, and that a grader opens: what it says, and what it cannot do."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import nbgrader
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from traitlets.config import Config

from tests.damaged.kinds import JPEG, PNG
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


def formgrader(course: Course, student: str) -> str:
    """The page on which a person grades, made as Formgrader's server makes it."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    templates = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    config.HTMLExporter.extra_template_basedirs = [str(templates)]
    file = course.root / "autograded" / student / NAME / f"{NAME}.ipynb"
    resources = {"base_url": "", "index": 0, "total": 1, "student": student, "last_name": None, "first_name": None}
    return str(HTMLExporter(config=config).from_filename(str(file), resources=resources)[0])


def test_a_pasted_picture_is_on_both_pages(course: Course) -> None:
    """In the runbook, in texts of one's own, under a name with a space, beside one that is not there."""
    nb = filled(course.release, runbook="![it](attachment:my%20picture.png) ![gone](attachment:gone.png)")
    cell(nb, "runbook")["attachments"] = {"my picture.png": {"image/png": PNG}}
    for number, source in enumerate(("![it](attachment:a.jpg)", "[it]: attachment:a.jpg\n\n![it]")):
        picture = {"a.jpg": {"image/jpeg": JPEG}}
        nb["cells"].append(
            {"cell_type": "markdown", "id": f"own-{number}", "metadata": {}, "source": source, "attachments": picture}
        )
    nb["cells"][0]["source"] += "\n![it](attachment:nothing.png)"
    cell(nb, "fix")["attachments"] = {"b.png": {"image/png": PNG}}
    course.submit("a", nb)
    course.autograde()
    for html in (page(course, "a"), formgrader(course, "a")):
        assert html.count(f"data:image/png;base64,{PNG}") == 1
        assert html.count(f"data:image/jpeg;base64,{JPEG}") == 2
        for name in ("gone.png", "nothing.png"):
            assert f"a text names the picture <code>{name}</code>, which is not in its cell" in html
        assert "the pasted picture <code>b.png</code> is not shown (in a code cell)" in html


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

"""What comes out of a submission may be shown in other people's browsers."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from grader.salvage import harmless, salvage

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\n"
ALLOWED = {"p", "code", "pre", "span", "div", "a", "img", "em", "strong", "h1"} | {
    "table",
    "thead",
    "tr",
    "th",
    "td",
    "tbody",
}


class Dangers(HTMLParser):
    """Collects tags that a learner brought in, event handlers, and links that run script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one tag."""
        if tag not in ALLOWED:
            self.found.append(tag)
        for name, value in attrs:
            link = (value or "").strip().lower().replace("\t", "")
            if name.startswith("on") or (name in ("href", "src") and link.startswith(("javascript:", "vbscript:", "data:"))):
                self.found.append(f"{tag} {name}={value}")


def dangers(html: str) -> list[str]:
    """What in a page could run a learner's script."""
    parser = Dangers()
    parser.feed(html)
    return parser.found


HOSTILE = [
    "<script>x()</script>",
    "a <img src=x onerror=x()> b",
    "a \\`<script>x()</script>\\` b",  # no code span: the first backtick is escaped
    "a ``` b\n\n<script>x()</script>\n\n``` c",  # no fence: it does not begin its line
    "`` a ` <script>x()</script>",
    "```\ncode\n~~~\n```\n<svg onload=x()>",
    "    <script>in an indented block</script>\n\n<script>x()</script>",
    "<!-- --><iframe srcdoc='<script>x()</script>'></iframe>",
    "<?php ?><object data=x></object>",
    "[click](javascript:x())",
    "[click](JaVaScRiPt:x())",
    "[click](&#106;avascript:x())",
    "[click](javascript&colon;x())",
    "[click](java&Tab;script:x())",
    "[click](javascript\\:x())",
    "[click](<javascript:x()>)",
    "<javascript:x()>",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[ref]\n\n[ref]: javascript:x()",
    '![x" onerror="x()](y.png)',
    '[x](y "title\\" onmouseover=\\"x()")',
    "$<script>x()</script>$",
    "$$\n<script>x()</script>\n$$",
    "| a |\n|---|\n| <script>x()</script> |",
    "\\<script>x()\\</script>",
    "<a href=javascript:x()>x</a>",
    "</div></div><style>body{display:none}</style>",
]


@pytest.mark.parametrize("markdown", HOSTILE)
def test_markdown_cannot_run_script_in_the_readers_browser(markdown: str) -> None:
    """Rendered as nbconvert renders it for feedback and formgrader, nothing of it is a tag, a handler or a script link."""
    assert dangers(markdown2html_mistune(harmless(markdown))) == []


def test_the_hostile_examples_are_hostile() -> None:
    """Most of them do run script where nothing is done about it."""
    assert sum(bool(dangers(markdown2html_mistune(m))) for m in HOSTILE) >= 12


def test_harmless_markdown_looks_the_same() -> None:
    """Only an invisible character is added; comparisons and code read as they were written."""
    text = "If `a < b` or <pid> then `<tag>` & more&more; 3 < 4 && metadata: x"
    assert harmless(text).replace("\u2060", "") == text
    assert harmless("3 < 4, a<=b && c") == "3 < 4, a<=b && c"


def notebook(**fields: Any) -> bytes:
    """One code cell."""
    cell = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], **fields}
    return json.dumps({"cells": [cell], "metadata": {}}).encode()


def shown(data: dict[str, Any], kind: str = "display_data") -> list[dict[str, Any]]:
    """What is kept of one output."""
    raw = notebook(outputs=[{"output_type": kind, "data": data, "metadata": {"image/png": {"width": '1" onload="x()'}}}])
    return [dict(o) for o in salvage(raw).cells[0].outputs]


def test_only_text_and_checked_images_are_kept_of_outputs() -> None:
    """HTML, SVG, JavaScript, LaTeX and widgets are dropped; a PNG that is no base64 would end its attribute."""
    kept = shown({"text/plain": "x", "text/html": "<script>", "image/svg+xml": "<svg>", "application/javascript": "x()"})
    assert kept == [{"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}]
    assert shown({"image/png": PNG})[0]["data"] == {"image/png": PNG}
    assert shown({"image/png": PNG})[0]["metadata"] == {}
    assert shown({"image/png": 'x" onerror="alert(1)'}) == []
    assert shown({"image/png": "A" * 3_000_000}) == []
    assert shown({"text/latex": "$x$"}) == []


def test_stderr_and_errors_become_plain_text() -> None:
    """Both would cost every point if they stood in a graded cell, and a traceback may hold escape codes."""
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": ["a", "b"]},
        {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[31m<script>"]},
        {"output_type": "stream", "text": 7},
        {"output_type": "unknown"},
        {"output_type": "display_data", "data": 3},
    ]
    kept = salvage(notebook(outputs=outputs)).cells[0].outputs
    assert [(o.output_type, o.name, o.text) for o in kept] == [
        ("stream", "stdout", "ab"),
        ("stream", "stdout", "ValueError: no"),
        ("stream", "stdout", ""),
    ]


def test_more_than_a_person_could_have_written_is_cut_off_and_told() -> None:
    """A thousand cells, a hundred thousand characters a cell: beyond that it is no answer but a burden."""
    cells = [{"cell_type": "markdown", "source": "x"}] * 1_200
    found = salvage(json.dumps({"cells": cells}).encode())
    assert len(found.cells) == 1_000
    assert found.notes == ("more than 1,000 cells; the rest was not read",)
    assert len(salvage(notebook(source="y" * 200_000)).cells[0].source) == 100_000


@pytest.mark.parametrize("metadata", [None, 7, [], {"nbgrader": 3}, {"nbgrader": {"grade_id": ["fix"]}}, {"nbgrader": {}}])
def test_metadata_of_any_form_is_read_as_lost(metadata: object) -> None:
    """A cell whose metadata is no metadata has no grade id; nothing raises."""
    assert salvage(notebook(metadata=metadata, id=12)).cells[0].grade_id == ""

"""A learner's markdown on the pages of others: nbconvert can lay it out whatever it says, pictures and all."""

from __future__ import annotations

import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.markdown import shown
from tests.damaged.kinds import PNG
from tests.grader.test_salvage import HOSTILE, dangers


def html(source: str, *names: str) -> str:
    """The text with these pictures in its cell, laid out as feedback and formgrader do it."""
    safe = shown(source, tuple((name, "image/png", PNG) for name in names))
    renderer = IPythonRenderer(escape=False, attachments=safe.attachments)
    return MarkdownWithMath(renderer=renderer).render(safe.text)


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("image.png", "image.png"),
        ("4f3c-9a.png", '4f3c-9a.png "a title"'),
        ("my image.png", "my%20image.png"),
        ("my%20image.png", "my%20image.png"),
        ("bild-\u00e4\u00f6.png", "bild-\u00e4\u00f6.png"),
        ("bild-\u00e4\u00f6.png", "bild-%C3%A4%C3%B6.png"),
        ("Screenshot (1).png", "Screenshot%20(1).png"),
        ("it's.png", "it's.png"),
        ("a+b,c=d.png", "a+b,c=d.png"),
        ("metadata.png", "metadata.png"),
    ],
)
def test_a_picture_is_shown_however_its_name_is_spelt(name: str, link: str) -> None:
    """JupyterLab spells it in several ways, and nbconvert in one."""
    assert f"data:image/png;base64,{PNG}" in html(f"![it](attachment:{link})", name)


def test_a_picture_that_was_given_a_width_is_shown() -> None:
    """As HTML, which is left on no page; one that is not there is text like any other."""
    assert f"data:image/png;base64,{PNG}" in html('A <img src="attachment:my image.png" width="300"/> b', "my image.png")
    assert "<img" not in html("A <img src='attachment:gone.png' onload='x()'/> b", "my image.png")


def test_a_picture_whose_name_cannot_be_told_apart_is_said() -> None:
    """Rather no picture than a page that ends."""
    safe = shown("![a](attachment:a\\_b.png)", (("a\\_b.png", "image/png", PNG),))
    assert "the pasted picture `a\\_b.png` is not shown, because of the characters in its name" in safe.notes


ODD = [
    "![a](attachment:gone.png)",
    "![a](attachment:)",
    "![a](attachment:ok.png%41)",
    '![a](attachment:ok.png"t")',
    "![a](attachment:ok.pngx)",
    "![a](attachment:ok.png>x)",
    "![a](<attachment:ok.png>)",
    "![a](attachment\\:gone.png)",
    "![a](attachment&colon;gone.png)",
    "![a](attachment&#58;gone.png)",
    "![a](&#97;ttachment:gone.png)",
    "![a][1]\n\n[1]: attachment:gone.png",
    "![a][1]\n\n[1]: <attachment:gone.png>",
    "![a](attachment:a(b)c)",
    "![a](attachment:a\\_b.png)",
    "![a](\\attachment:gone.png)",
    "[![a](attachment:gone.png)](attachment:gone.png)",
    "| a |\n|---|\n| ![a](attachment:gone.png) |",
    "- [ ] ![a](attachment:gone.png)",
    "see the attachment: it is gone",
]


@pytest.mark.parametrize("source", ODD)
@pytest.mark.parametrize("names", [(), ("ok.png", "a(b", "a)b", "a\\_b.png", "ok.png&", "")])
def test_no_text_ends_the_page(source: str, names: tuple[str, ...]) -> None:
    """A picture that is not there, spelt in any way, is InvalidNotebook to nbconvert, and status 500 to formgrader."""
    assert html(source, *names)


def test_what_was_lost_is_said_and_a_word_is_no_picture() -> None:
    """One line for each picture that is named and not held; none where somebody only writes about an attachment."""
    told = "a text names the picture `gone.png`, which is not in its cell"
    assert shown("![a](attachment:gone.png) ![b](attachment:gone.png)").notes == (told,)
    assert shown("see the attachment: it is gone").notes == ()


def test_pictures_that_no_text_names_are_left_out() -> None:
    """They would be carried along unseen."""
    assert shown("none", (("a.png", "image/png", PNG),)).attachments == {}


@pytest.mark.parametrize("source", HOSTILE)
def test_pictures_open_no_door(source: str) -> None:
    """What could not run script without a picture cannot with one."""
    text = shown(source + "\n\n![x](attachment:a.png)", (("a.png", "image/png", PNG),)).text
    renderer = IPythonRenderer(escape=False, attachments={"a.png": {"image/png": PNG}})
    found = dangers(MarkdownWithMath(renderer=renderer).render(text))
    assert [danger for danger in found if not danger.startswith("img src=data:image/png;base64,")] == []

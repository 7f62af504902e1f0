"""Prepares a learner's markdown, with its pasted pictures, for feedback pages and formgrader.

If a text names a picture that is not in its cell, nbconvert fails for the whole page, and formgrader answers with status
500. A cell that was copied without its picture is enough. This module does not render the text to find out, because that
could take very long for the text of one learner and delay the whole batch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from grader.salvage import as_code, harmless

_NAMED = re.compile(r"(?i)attachment(?=\W{0,3}:)")
_NAME = re.compile(r"(?:[\w .,;@+~%!#$='-]|\([\w .,;@+~%!#$='-]*\))+")
_NEXT_NAME = re.compile(r"[:\\ ]*([^)>\s]{0,200})")
_IMG = re.compile(r"""<img\b[^<>]*?\bsrc=(["'])attachment:([^"'<>]*)\1[^<>]*>""")
"""A picture with a width in JupyterLab. HTML is not allowed on the page, so it is replaced with markdown."""
Pictures = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Shown:
    """A text that is safe to render, the pictures that it names (nbformat's attachments), and notes for the learner."""

    text: str
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def shown(source: str, pictures: Pictures = ()) -> Shown:
    """Make a learner's markdown safe to render.

    Args:
        source: the learner's text.
        pictures: name, MIME type and base64 of each picture that was pasted into the cell.
    """
    held = {key: {kind: data} for name, kind, data in pictures for key in _keys(name)}
    known = re.compile(f":({'|'.join(map(re.escape, held)) or '(?!)'})(?=[)\\s]|\\Z)")
    lost: list[str] = []

    def named(found: re.Match[str]) -> str:
        if found[0] == "attachment" and known.match(source, found.end()):
            return found[0]
        if source.endswith(("](", "](<"), 0, found.start()):
            name = _NEXT_NAME.match(source, found.end())
            lost.append(name[1] if name else "")
        return found[0] + "\u2060"

    source = _IMG.sub(lambda found: f"![](attachment:{_escaped(found[2])})" if found[2] in held else found[0], source)
    text = harmless(_NAMED.sub(named, source))
    used = {spelt: data for key, data in held.items() if key in text for spelt in (key, _escaped(key))}
    told = [f"a text names the picture {as_code(name)}, which is not in its cell" for name in dict.fromkeys(lost)]
    told += [
        f"the pasted picture {as_code(name)} is not shown, because of the characters in its name"
        for name, _, _ in pictures
        if not _keys(name)
    ]
    return Shown(text, used, tuple(told))


def _keys(name: str) -> tuple[str, ...]:
    """The possible spellings of a picture's name in a text, with the one that nbconvert uses."""
    if not _NAME.fullmatch(name):
        return ()
    spelt = (name, unquote(name))
    return tuple(dict.fromkeys([*spelt, *map(_escaped, spelt)]))


def _escaped(name: str) -> str:
    """The spelling of a name in a link after nbconvert has parsed it."""
    return quote(name, safe=":/?#@!$&()*+,;=%")

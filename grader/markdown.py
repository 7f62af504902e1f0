"""A learner's markdown with its pasted pictures, as the pages of others can show it.

nbconvert ends the whole page, and formgrader answers with status 500, where a text names a picture that its cell does not
hold; a cell that was copied without its picture is enough. To lay a text out here first, and see, would let one learner's
text hold up a whole batch.
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
"""How JupyterLab's users give a picture a width: no HTML is left on the page, and the picture shall be."""
Pictures = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Shown:
    """A text that any page can show, the pictures that it names (nbformat's attachments), and what had to be done to it."""

    text: str
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def shown(source: str, pictures: Pictures = ()) -> Shown:
    """Make a learner's markdown fit to be shown.

    Args:
        source: as it was written.
        pictures: name, kind and base64 of each picture that was pasted into the cell.
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
    told = [f"a text names the picture {as_code(name)}, which its cell does not hold" for name in dict.fromkeys(lost)]
    told += [f"the pasted picture {as_code(name)} is not shown (its name)" for name, _, _ in pictures if not _keys(name)]
    return Shown(text, used, tuple(told))


def _keys(name: str) -> tuple[str, ...]:
    """The spellings under which a text may name a picture, the one among them that nbconvert looks for."""
    if not _NAME.fullmatch(name):
        return ()
    spelt = (name, unquote(name))
    return tuple(dict.fromkeys([*spelt, *map(_escaped, spelt)]))


def _escaped(name: str) -> str:
    """As nbconvert's reader of markdown spells what stands in a link."""
    return quote(name, safe=":/?#@!$&()*+,;=%")

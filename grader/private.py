"""The seeds for judging a submission: an instructor's private seeds, or the public ones that learners know.

The private file is outside the repository. The environment variable BREAKFIX_PRIVATE_SEEDS names it, and it contains

    {"seeds": [7, 1912, 44], "secret": "any text"}

The seeds draw the arrivals; the secret varies each scenario (`Lab.vary`), such as the length of an outage.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import labs

VARIABLE = "BREAKFIX_PRIVATE_SEEDS"
MOST = 50
"""The largest number of seeds in one judgement."""

_FORM = '{"seeds": [1, 2, 3], "secret": "some text"}'


class BadSeeds(ValueError):
    """The private seeds file cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Seeds:
    """The seeds and the secret for one submission. A `secret` of "" leaves the scenarios as the learner knows them."""

    numbers: tuple[int, ...]
    secret: str = ""

    def told(self) -> str:
        """One sentence for the feedback; it reveals nothing private."""
        if self.secret:
            many = len(self.numbers)
            return f"Judged in the simulated world on {many} private seed{'s' if many > 1 else ''}."
        listed = ", ".join(str(n) for n in self.numbers)
        return f"Judged in the simulated world on the public seeds {listed}, the ones that `lab.check` uses."


PUBLIC = Seeds((0, 1, 2))


def from_environment(environment: Mapping[str, str] = os.environ) -> Seeds:
    """The private seeds if BREAKFIX_PRIVATE_SEEDS names a file, else PUBLIC. Raises BadSeeds."""
    path = environment.get(VARIABLE, "")
    return read(Path(path)) if path else PUBLIC


def read(path: Path) -> Seeds:
    """Seeds from a file outside the repository.

    Raises:
        BadSeeds: the file is missing, malformed, or in a place where learners would get it.
    """
    place = path.expanduser().resolve()
    if place.is_relative_to(labs.ROOT.resolve()):
        raise BadSeeds(f"{VARIABLE}: {path} lies inside the repository, which learners clone; move it out of {labs.ROOT}")
    try:
        text = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadSeeds(f"{VARIABLE}: {path} cannot be read ({reason}); expected a JSON file {_FORM}") from error
    return parse(text, f"{VARIABLE}: {path}")


def parse(text: str, where: str) -> Seeds:
    """Seeds from JSON text; `where` begins the message of BadSeeds."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadSeeds(f"{where} is not JSON; expected {_FORM}") from error
    if not isinstance(given, dict) or set(given) != {"seeds", "secret"}:
        raise BadSeeds(f"{where} must hold exactly the keys seeds and secret; expected {_FORM}")
    seeds, secret = given["seeds"], given["secret"]
    if not isinstance(seeds, list) or not 1 <= len(seeds) <= MOST or not all(_is_seed(s) for s in seeds):
        raise BadSeeds(f"{where}: seeds must be a list of 1 to {MOST} whole numbers from 0 to 2**63; expected {_FORM}")
    if len(set(seeds)) < len(seeds):
        raise BadSeeds(f"{where}: a seed stands twice in seeds; give each once")
    if not isinstance(secret, str) or not secret.strip():
        raise BadSeeds(f"{where}: secret must be a text that is not empty; expected {_FORM}")
    return Seeds(tuple(seeds), secret)


def _is_seed(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63

"""A cache of verdicts by all that they depend on: the repair, the seeds, the secret, and the lab's `verdict_fingerprint`.

Each judgement is one small JSON file, written atomically, so that many processes can judge in advance, and nbgrader, which
grades one submission after another, only reads. Delete the folder to judge everything again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import labs
from labs.kit.model.lab import Lab
from labs.kit.worlds.fingerprint import digest, verdict_fingerprint
from labs.kit.worlds.sandbox.tiers import Tier

VARIABLE = "BREAKFIX_CACHE"
_CODE = Path(__file__).resolve().parent


def folder() -> Path:
    """The folder of kept verdicts: BREAKFIX_CACHE, or .grading/cache in the repository (not in git)."""
    return Path(os.environ.get(VARIABLE) or labs.ROOT / ".grading" / "cache")


def key(lab: Lab, source: str, seeds: Sequence[int], secret: str, tier: Tier = Tier.OPEN) -> str:
    """The name of a judgement, 64 hex digits, which depend on lab, repair, seeds, secret, sandbox, kit and Python."""
    return digest(verdict_fingerprint(lab, source, more=_CODE), repr(tuple(seeds)), secret, tier)


def read(name: str) -> str | None:
    """The text kept under a key, or None."""
    try:
        return _file(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write(name: str, text: str) -> None:
    """Keep a text under a key. If the folder is not writable, nothing is kept, which only costs time."""
    file = _file(name)
    part = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False) as out:
            part = Path(out.name)
            out.write(text)
        part.replace(file)
    except OSError:
        if part is not None:
            part.unlink(missing_ok=True)


def _file(name: str) -> Path:
    return folder() / name[:2] / f"{name}.json"

"""The private seeds file: what it may look like, and where it may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

import labs
from grader import private
from grader.private import BadSeeds, Seeds

GOOD = '{"seeds": [7, 1912], "secret": "blue"}'


def test_without_the_variable_the_public_seeds_are_used() -> None:
    """No file named: seeds 0, 1, 2, no secret, and the feedback says that these are the public ones."""
    seeds = private.from_environment({})
    assert seeds == Seeds((0, 1, 2), "")
    assert "public seeds 0, 1, 2" in seeds.told()


def test_a_good_file_gives_its_seeds_and_the_feedback_tells_none_of_them(tmp_path: Path) -> None:
    """Feedback names how many private seeds there are, and neither a seed nor the secret."""
    file = tmp_path / "seeds.json"
    file.write_text(GOOD)
    seeds = private.from_environment({private.VARIABLE: str(file)})
    assert seeds == Seeds((7, 1912), "blue")
    assert "2 private seeds" in seeds.told()
    assert not any(word in seeds.told() for word in ("7", "1912", "blue"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1, 2]", "exactly the keys"),
        ('{"seeds": [1]}', "exactly the keys"),
        ('{"seeds": [1], "secret": "x", "more": 1}', "exactly the keys"),
        ('{"seeds": [], "secret": "x"}', "a list of 1 to 50"),
        ('{"seeds": 3, "secret": "x"}', "a list of 1 to 50"),
        ('{"seeds": [1.5], "secret": "x"}', "a list of 1 to 50"),
        ('{"seeds": [true], "secret": "x"}', "a list of 1 to 50"),
        ('{"seeds": [-1], "secret": "x"}', "a list of 1 to 50"),
        ('{"seeds": [1, 1], "secret": "x"}', "stands twice"),
        ('{"seeds": [1], "secret": " "}', "secret must be a text"),
        ('{"seeds": [1], "secret": 5}', "secret must be a text"),
    ],
)
def test_a_malformed_file_is_refused_with_what_was_expected(tmp_path: Path, text: str, says: str) -> None:
    """One sentence names the file and shows the form."""
    file = tmp_path / "seeds.json"
    file.write_text(text)
    with pytest.raises(BadSeeds, match=says) as caught:
        private.read(file)
    assert str(file) in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Missing, a folder, or no text: one sentence."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "absent.json", tmp_path, tmp_path / "binary"):
        with pytest.raises(BadSeeds, match="cannot be read"):
            private.read(path)


def test_a_file_inside_the_repository_is_refused(tmp_path: Path) -> None:
    """Learners clone the repository, so private seeds in it are not private; a link does not hide it."""
    inside = labs.ROOT / "seeds.json"
    with pytest.raises(BadSeeds, match="inside the repository"):
        private.read(inside)
    link = tmp_path / "link.json"
    link.symlink_to(inside)
    with pytest.raises(BadSeeds, match="inside the repository"):
        private.read(link)

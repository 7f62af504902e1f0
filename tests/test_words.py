"""The table of words in CONTRIBUTING.md holds in everything that people read."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakfix import words

PAGE = "# Words\n\n<!-- words -->\n| not | write |\n|---|---|\n| hangs on, hang on | depends on |\n| nursery | zygote |\n"


def test_no_text_uses_a_word_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The project keeps to its own list."""
    assert words.main() == 0, capsys.readouterr().out


def test_the_table_is_read_row_by_row() -> None:
    """Each word of a row stands for what its row says; the head is no row that bans "not"."""
    assert words.words(PAGE) == {"hangs on": "depends on", "hang on": "depends on", "nursery": "zygote"}


def test_a_use_is_told_with_its_line_and_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A word of the table is found whatever its case, and named with file, line and what to write."""
    (tmp_path / "CONTRIBUTING.md").write_text(PAGE)
    (tmp_path / "README.md").write_text("All is well.\nIt Hangs On the load.\n")
    assert words.main(tmp_path) == 1
    assert capsys.readouterr().out == "README.md:2: 'hangs on'; write 'depends on'\n"


def test_a_page_without_the_table_is_an_error() -> None:
    """Without its table the check would pass everything."""
    with pytest.raises(ValueError, match="no table"):
        words.words("# Words\n")

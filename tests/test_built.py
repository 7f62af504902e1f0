"""The generated notebooks are what their sources give: what `breakfix build --check` says, a test for each lab.

Each executes a solution from top to bottom, the only time that `make test` does: with its live runs, which must not raise,
and every other output is compared with the stored one. As tests they share the cores and their runs with the others.
A page that stands as its stamp says is executed only in its turn (grader/stamps.py); conftest.py names those that are not.
"""

import pytest

import labs
from grader.build import build_labs, strangers


@pytest.mark.parametrize("name", labs.names())
def test_both_notebooks_are_what_the_lab_s_source_gives(name: str) -> None:
    """Source, metadata and outputs to the byte; pictures by eye (grader/pictures.py)."""
    assert build_labs([name], check=True, live=True) == []


def test_no_notebook_belongs_to_a_lab_that_is_gone() -> None:
    """A lab that was renamed leaves none behind."""
    assert strangers() == []

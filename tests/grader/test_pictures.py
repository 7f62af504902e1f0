"""What counts as the same picture: shades do, a line that moved does not."""

import base64
import copy
import io

import nbformat
import pytest
from PIL import Image

from grader.pictures import SHADE, alike, keep_old, keep_old_kinds
from labs.kit import charts
from labs.kit.charts.memory import Series


def chart(last: float) -> str:
    """A chart of a line that ends at this height, as a notebook keeps it."""
    figure = charts.growth([Series("memory", [(0.0, 1.0), (10.0, last)], 48.0)], title="growth", seconds=10)
    return base64.b64encode(figure.png()).decode()


def one_colour(level: int, size: tuple[int, int] = (4, 4)) -> str:
    """A picture of one grey."""
    out = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(out, "png")
    return base64.b64encode(out.getvalue()).decode()


def test_a_line_moved_by_less_than_a_shade_is_the_same_picture() -> None:
    """256 bytes of 48 MB: other bytes in the file, the same to the eye."""
    one, other = chart(30.0), chart(30.002)
    assert one != other
    assert alike(one, other)


def test_a_line_moved_by_a_fraction_of_a_pixel_is_another_picture() -> None:
    """0.2 MB on an axis of 55."""
    assert not alike(chart(30.0), chart(30.2))


@pytest.mark.parametrize(("level", "same"), [(0, True), (SHADE, True), (SHADE + 1, False)])
def test_the_bound_itself(level: int, same: bool) -> None:
    """Up to SHADE levels, not one more."""
    assert alike(one_colour(0), one_colour(level)) is same


def test_one_pixel_of_another_colour_is_the_same_picture() -> None:
    """As the choice of 256 colours gives it."""
    picture = Image.new("RGB", (8, 8), (0, 0, 0))
    out = io.BytesIO()
    picture.putpixel((5, 5), (86, 86, 86))
    picture.save(out, "png")
    assert alike(one_colour(0, (8, 8)), base64.b64encode(out.getvalue()).decode())


@pytest.mark.parametrize("damaged", ["", "####", base64.b64encode(b"no picture").decode(), chart(30.0)[:400]])
def test_what_is_no_picture_is_like_none(damaged: str) -> None:
    """Nor does it raise."""
    assert not alike(chart(30.0), damaged)
    assert not alike(damaged, chart(30.0))


def test_pictures_of_other_sizes_differ() -> None:
    """Whatever they show."""
    assert not alike(one_colour(0), one_colour(0, (4, 5)))


def cell(picture: str, text: str) -> nbformat.NotebookNode:
    """A notebook with one cell that shows a picture and a text."""
    made = nbformat.v4.new_code_cell("draw()", id="one")
    made.outputs = [
        nbformat.v4.new_output("display_data", {"image/png": picture, "text/plain": "[chart]"}),
        nbformat.v4.new_output("stream", text=text),
    ]
    return nbformat.v4.new_notebook(cells=[made])


def test_the_old_picture_stays_and_all_else_is_new() -> None:
    """A text that changed is never hidden by a picture that did not."""
    old, new = cell(one_colour(10), "old"), cell(one_colour(12), "new")
    keep_old(old, new)
    picture, text = new.cells[0].outputs
    assert picture.data["image/png"] == one_colour(10)
    assert text.text == "new"


def test_a_picture_that_differs_is_not_replaced() -> None:
    """Or `build --check` could not fail."""
    new = cell(one_colour(200), "")
    keep_old(cell(one_colour(10), ""), new)
    assert new.cells[0].outputs[0].data["image/png"] == one_colour(200)


def test_of_another_toolchain_outputs_of_the_same_kinds_are_kept() -> None:
    """Figures and charts may differ there; an output more, or of another kind, may not."""
    old, new = cell(one_colour(10), "old"), cell(one_colour(200), "new")
    keep_old_kinds(old, new)
    assert new == old
    more = cell(one_colour(200), "new")
    more.cells[0].outputs.append(nbformat.v4.new_output("stream", text="a warning"))
    before = copy.deepcopy(more)
    keep_old_kinds(old, more)
    assert more == before


def test_of_another_toolchain_a_cell_of_text_stays_one() -> None:
    """It has no outputs, and gets none: the notebook would not be valid."""
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text", id="told")])
    keep_old_kinds(copy.deepcopy(page), page)
    nbformat.validate(page)
    assert "outputs" not in page.cells[0]

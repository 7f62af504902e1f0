"""Charts: what they say, that they are the same each time, and that they stay out of the way."""

from __future__ import annotations

import base64
import html
import io
import math
import subprocess
import sys

import matplotlib
import nbformat
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nbclient import NotebookClient
from PIL import Image

from labs import ROOT
from labs.kit import charts
from labs.kit.charts import chart as base
from labs.kit.charts.chart import apart
from labs.kit.model.record import Event
from tests.kit.handmade import INNER, make_request, make_run, make_storm

LOOK = {"capacity": 50.0, "objective": 1.0, "timeout": 0.4, "noun": "order"}


@pytest.fixture(scope="module")
def storm():
    """The storm that never ends."""
    return make_storm()


@pytest.fixture(scope="module")
def calm():
    """The same outage behind a bounded queue."""
    return make_storm(bound=15, fix="right_queue_bound")


def texts(chart):
    """Everything written in a figure."""
    from matplotlib.text import Text

    return [t.get_text() for t in chart.figure.findobj(Text) if t.get_text()]


def boxes(chart, artists=None):
    """Each text of a chart, as drawn, with the box that it takes."""
    from matplotlib.text import Text

    with base.settings():
        canvas = FigureCanvasAgg(chart.figure)
        canvas.draw()
        shown = [t for t in artists or chart.figure.findobj(Text) if t.get_text() and t.get_visible()]
        return [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in shown]


def fits(chart):
    """Does all that is drawn lie within the figure?"""
    with base.settings():
        canvas = FigureCanvasAgg(chart.figure)
        canvas.draw()
        drawn = chart.figure.get_tightbbox(canvas.get_renderer())
    width, height = chart.figure.get_size_inches()
    return drawn.x0 >= 0 and drawn.y0 >= 0 and drawn.x1 <= width and drawn.y1 <= height


def over_another(chart):
    """The labels beside lines and bars that lie over another one of the same axes."""
    found = []
    for axes in chart.figure.axes:
        placed = boxes(chart, axes.texts)
        found += [(a, b) for n, (a, one) in enumerate(placed) for b, other in placed[:n] if one.padded(-2).overlaps(other)]
    return found


def every_chart(storm, calm):
    """One of each."""
    grid = [[1.0, 0.95, None], [0.97, 0.4, 0.0]]
    return {
        "outage": charts.outage(storm, **LOOK),
        "before_after": charts.before_after(storm, calm, **LOOK),
        "public": charts.public(storm, calm, titles=("as it was", "mended"), noun="order", link=INNER, capacity=50),
        "phase_map": charts.phase_map(
            grid, [10, 20, 30], [1, 3], boundary=[(12.5, 4), (12.5, 1), (35, 0.5)], boundary_label="theory", here=(30, 3)
        ),
        "waterfall": charts.waterfall(storm, "order-0400"),
    }


def test_importing_charts_loads_no_matplotlib():
    """matplotlib is loaded by the first chart, not by the import: it costs every command half a second."""
    code = "import sys, labs.kit.charts; sys.exit('matplotlib' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_same_run_gives_the_same_bytes(storm, calm):
    """Drawn twice, each chart gives the same PNG, and the SVG carries neither date nor random ids."""
    first, second = every_chart(storm, calm), every_chart(storm, calm)
    for name in first:
        assert first[name].png() == second[name].png(), name
        assert first[name].summary == second[name].summary


def test_svg_is_the_same_each_time(storm, tmp_path):
    """An SVG carries neither a date nor ids drawn at random."""
    one, two = (charts.outage(storm, **LOOK).save(tmp_path / f"{n}.svg").read_bytes() for n in "12")
    assert one == two
    assert b"<dc:date>" not in one


def test_the_learners_settings_neither_reach_a_chart_nor_change(storm):
    """With other fonts, sizes and colours set, the picture is the same; and the settings are as they were before."""
    plain = charts.outage(storm, **LOOK).png()
    strange = {"font.size": 30, "font.family": "serif", "axes.facecolor": "red", "figure.dpi": 44, "savefig.dpi": 33}
    with matplotlib.rc_context(strange):
        assert charts.outage(storm, **LOOK).png() == plain
        assert {key: matplotlib.rcParams[key] for key in ("font.size", "axes.facecolor", "figure.dpi")} == {
            "font.size": 30.0, "axes.facecolor": "red", "figure.dpi": 44.0,
        }  # fmt: skip


def test_charts_leave_no_figure_behind(storm):
    """pyplot's list of open figures stays empty: a notebook that draws a hundred charts leaks none."""
    import matplotlib.pyplot as plt

    charts.outage(storm, **LOOK).png()
    assert plt.get_fignums() == []


def test_a_chart_is_as_wide_as_a_notebook(storm, calm):
    """Each picture is shown 900 px wide and holds half as many again, nothing written outside of it or over
    another label."""
    for name, drawn in every_chart(storm, calm).items():
        assert Image.open(io.BytesIO(drawn.png())).width == 1350, name
        assert fits(drawn), name
        assert over_another(drawn) == [], name


def test_an_outage_says_what_happened(storm, calm):
    """The summary names the load, the fault, the end, the amplification and the recovery; the axes carry their units."""
    text = charts.outage(storm, **LOOK).summary
    for part in ("orders a second", "Stall on shop->bank from 5 s to 8 s", "0% answered in the last 8 s", "3.9 attempts",
                 "capacity of 50", "not recovered within"):  # fmt: skip
        assert part in text
    assert "recovered 0 s after the fault" in charts.outage(calm, **LOOK).summary
    written = texts(charts.outage(storm, **LOOK))
    for part in ("capacity 50", "objective 1 s", "timeout 400 ms", "offered", "answered", "failed", "p50", "p99",
                 "Stall on shop->bank", "attempts\n3.9 per order", "seconds from the start of the load"):  # fmt: skip
        assert part in written


def test_before_and_after_share_their_axes(storm, calm):
    """Both columns have the same limits, so that a lower line is a lower value; each carries its own head."""
    drawn = charts.before_after(storm, calm, titles=("as it failed", "repaired"), **LOOK)
    axes = drawn.figure.axes
    assert len(axes) == 6
    for left, right in zip(axes[0::2], axes[1::2], strict=True):
        assert left.get_ylim() == right.get_ylim()
        assert left.get_xlim() == right.get_xlim()
    assert {"as it failed", "repaired"} <= set(texts(drawn))
    assert drawn.summary.startswith("as it failed: ")
    assert "; repaired: " in drawn.summary


def test_the_busiest_link_is_shown_unless_one_is_named():
    """Retries show on the link that sees the most, not always the last; of two alike the deeper one; or any by name."""
    hops = ("load->shop", "shop->payments", "payments->bank")

    def shown(counts, **look):
        rows = [
            make_request(1.0, link=link, request_id=f"r{n}")
            for link, count in zip(hops, counts, strict=True)
            for n in range(count)
        ]
        return next(t for t in texts(charts.outage(make_run(rows), **look)) if t.startswith("attempts per second"))

    assert shown((9, 4, 2)) == "attempts per second, shop->payments"
    assert shown((1, 2, 4)) == "attempts per second, payments->bank"
    assert shown((1, 2, 2)) == "attempts per second, payments->bank"
    assert shown((1, 0, 0)) == "attempts per second, load->shop"
    assert shown((1, 2, 4), link="shop->payments") == "attempts per second, shop->payments"


def test_a_run_that_ended_early_can_be_drawn():
    """An empty or crashed run gives a picture that says so, not an error."""
    drawn = charts.outage(make_run(status="crashed"), **LOOK)
    assert "no order was recorded" in texts(drawn)
    assert any("ended early: crashed" in text for text in texts(drawn))
    assert drawn.summary.endswith("the run ended early (crashed) and shows 0 orders.")
    assert "no request was recorded" in charts.outage(make_run()).summary
    unfinished = make_run([make_request(1.0, None, 0, error_type="unfinished")], status="hung")
    assert len(charts.before_after(unfinished, make_run()).png()) > 1000


@pytest.mark.parametrize("status", ["invalid", "unsupported"])
def test_a_live_run_that_is_whole_has_not_ended_early(status: str) -> None:
    """What the machine disturbed, or could not read, reached its end: it does not count, and says so."""
    run = make_run([make_request(1.0)], status=status, world="live")
    drawn = charts.outage(run, **LOOK)
    assert any(f"not judged: {status}" in text for text in texts(drawn))
    assert drawn.summary.endswith(f"the run does not count ({status}) and shows 1 order.")
    assert (run.ended_early, run.why_not) == (False, f"not judged: {status}")
    assert make_run(status="crashed").why_not == "ended early: crashed"
    assert make_run().why_not == ""


def test_faults_that_overlap_keep_their_names_apart():
    """Three faults at once: three names, none over another; the one that lasts throughout is named, not shaded."""
    events = [Event(0.0, "fault on", "bank", "ErrorStatus")]
    for at, link in ((4.0, "shop->bank"), (4.5, "bank->ledger")):
        events += [Event(at, "fault on", link, "Latency"), Event(at + 1, "fault off", link, "Latency")]
    drawn = charts.outage(make_run([make_request(float(s)) for s in range(10)], events))
    assert sum(" on " in text for text in texts(drawn)) == 3
    assert over_another(drawn) == []
    assert len(drawn.figure.axes[0].patches) == 2 + 2  # two shaded windows; offered and answered


def test_the_phase_map_reads_without_colour():
    """Each cell that was run carries a symbol: a disc, a cross, or its percentage; one not yet run carries none."""
    drawn = charts.phase_map([[1.0, 0.62, 0.0, None]], [5, 10, 15, 20], [3], here=(10, 3), here_label="your shop")
    markers = [line.get_marker() for line in drawn.figure.axes[0].lines]
    assert sorted(markers) == ["o", "o", "x"]  # a disc, a cross, and the ring round the learner's own point
    assert {"62", "your shop"} <= set(texts(drawn))
    assert "of 3 cells 1 recovered, 1 collapsed, 1 lie in between" in drawn.summary
    assert "your shop is at 10 and 3" in drawn.summary


def test_a_phase_map_refuses_a_grid_of_another_shape():
    """The error names the shape it got and the one it wants."""
    with pytest.raises(ValueError, match=r"1 rows of \[2\] columns; give 2 rows, one a y, of 2 columns"):
        charts.phase_map([[1.0, 0.0]], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="xs must hold at least one value and ascend"):
        charts.phase_map([[1.0, 0.0]], [2, 1], [1])


def test_a_waterfall_shows_every_attempt(storm):
    """One bar an exchange, each with how it ended; an id nobody sent is an error that names some that were."""
    drawn = charts.waterfall(storm, "order-0400")
    names = [t.get_text() for t in drawn.figure.axes[0].get_yticklabels()]
    assert names == ["load->shop", *(f"{INNER} #{n}" for n in (1, 2, 3, 4))]
    assert texts(drawn).count("timeout after 400 ms") == 4
    only = charts.waterfall(storm, "order-0400", links=["load->shop"])
    assert len(only.figure.axes[0].patches) == 1
    with pytest.raises(ValueError, match=r"'order-x' was recorded; .* order-0000"):
        charts.waterfall(storm, "order-x")


def test_labels_move_apart_and_stay_inside():
    """Labels that would meet are spread around where they belong, in order, within the axes."""
    assert apart([10, 50], [10, 10], 100) == [10, 50]
    assert apart([50, 50], [10, 10], 100) == [60, 50]
    assert apart([100, 100, 100], [10, 20, 10], 100) == [95, 80, 65]
    assert apart([0, 0], [10, 10], 100) == [15, 5]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 s"), (0.0204, "20.4 ms"), (0.4, "400 ms"), (1.62, "1.6 s"), (12.4, "12 s"), (math.inf, "never")],
)
def test_times_are_written_as_people_write_them(value, shown):
    """Milliseconds below a second, two digits above."""
    assert base.seconds(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(1, "100%"), (0.9996, "99.9%"), (0.94, "94%"), (0.0004, "0.1%"), (0, "0%")])
def test_all_and_nothing_are_said_of_all_and_nothing_only(value, shown):
    """Rounding never says that every request was answered, or none, when that is not so."""
    assert base.percent(value) == shown


def test_a_file_of_another_kind_is_refused(storm, tmp_path):
    """The error names the formats that can be written."""
    with pytest.raises(ValueError, match=r"'chart.gif'; name it .png or .svg"):
        charts.outage(storm).save(tmp_path / "chart.gif")


def test_in_a_notebook_a_chart_is_a_picture_with_its_summary_under_it():
    """Executed by nbclient, a chart as the last line gives a PNG that carries the summary, then the summary to be read.

    The kernel is another process, with matplotlib set up for notebooks: the picture is the same all the same.
    """
    code = (
        "from tests.kit.handmade import make_storm\nfrom labs.kit import charts\n"
        "chart = charts.outage(make_storm(fix='a_<b>_fix'))\nchart"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    picture, words = book.cells[0].outputs
    assert base64.b64decode(picture.data["image/png"]) == charts.outage(make_storm(fix="a_<b>_fix")).png()
    assert picture.metadata["image/png"]["width"] == 900
    assert picture.metadata["image/png"]["alt"] == words.data["text/plain"]
    assert "text/html" not in picture.data
    assert words.data["text/plain"].startswith("a_<b>_fix, outage: 29 requests a second")
    assert r"a\_\<b\>\_fix" in words.data["text/markdown"]


def test_jupyterlab_gets_the_alternative_text_as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows none of a picture: there the picture is an element of HTML, with the summary as its text, escaped."""
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **rest: shown.append(data))
    monkeypatch.setenv("JPY_SESSION_NAME", "mine.ipynb")
    drawn = charts.outage(make_storm(fix="a_<b>_fix"))
    drawn._ipython_display_()
    assert f'alt="{html.escape(drawn.summary)}"' in shown[0]["text/html"]
    assert "<b>" not in shown[0]["text/html"]
    assert shown[0]["image/png"] in shown[0]["text/html"]

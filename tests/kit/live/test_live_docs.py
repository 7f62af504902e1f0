"""docs/live-world.md, held against the code."""

from __future__ import annotations

import re
from dataclasses import fields

from labs.kit.model.faults import FAULTS, LinkFault
from labs.kit.worlds.live import processes, runner, world
from labs.kit.worlds.live.world import ROOT
from labs.kit.worlds.simulated.coordinator.connections import LINK_DELAY_NS
from labs.kit.worlds.simulated.wire import WINDOW

PAGE = (ROOT / "docs" / "live-world.md").read_text(encoding="utf-8")
FOLDER = ROOT / "tests" / "kit" / "live"
CLEANUP = ("test_cleanup.py", "test_cleanup_repairs.py")


def rows_after(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the page, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return lines[1:]


def fault_rows() -> list[list[str]]:
    """The table of faults as the code has it."""
    rows = []
    for name, cls in FAULTS.items():
        own = [f.name for f in fields(cls) if f.name not in ("at_s", "seconds", "link", "service")]
        where = "link" if issubclass(cls, LinkFault) else "service"
        rows.append(
            [
                f"`{name}`",
                where,
                ", ".join(f"`{field}`" for field in own) or "-",
                (cls.__doc__ or "").partition("\n\n")[0].replace("`", ""),
            ]
        )
    return rows


def test_the_table_of_faults_is_the_codes() -> None:
    """Each fault stands there with where it acts, its fields, and what its class says of it."""
    assert rows_after("Faults") == fault_rows()


def test_numbers_are_the_codes() -> None:
    """The bounds and periods that the page names are those that the code uses."""
    most = f"{1000 * world.MOST_SEND_LAG_S:g} ms"
    for sentence in (
        f"are more than {most} late (p99)",
        f"has a p99 above {most}",
        f"for {world.LONG_S} s on end and answered less than {world.ENOUGH:.0%} of its capacity",
        f"watched for up to {runner.LEAD_S:g} s before the load begins",
        f"names a moment {runner.LEAD_S:g} s ahead",
        f"every {runner.SAMPLE_EVERY_S:g} s",
        f"after {processes.READY_WITHIN_S:g} s ends the run",
        f"has {processes.STOPS_WITHIN_S:g} s to say its last",
        f"window is {WINDOW >> 10} KiB",
        f"adds {LINK_DELAY_NS / 1e6:g} ms",
        f"`{world.SEND_LAG}`",
        f"`{world.IDLE_LAG}`",
    ):
        assert sentence in PAGE.replace("\n", " ").replace("  ", " "), sentence


def test_each_way_to_end_has_its_test() -> None:
    """The table of clean-up names every test of it, and no test that does not exist."""
    code = "".join((FOLDER / name).read_text(encoding="utf-8") for name in CLEANUP)
    named = {test.strip("`") for _, test in rows_after("Clean-up")}
    assert named == set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))


def test_files_exist() -> None:
    """Every file that the page names is there."""
    named = set(re.findall(r"\b(?:labs|tests)/[\w/]+\.py", PAGE))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).is_file()] == []

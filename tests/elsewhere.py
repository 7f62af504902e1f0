"""Packages with labs, as an installer would leave them: a folder and its entry points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LAB = """
from labs.kit import Diagnosis, HttpRequest, Lab, Phase, Scenario

LAB = Lab(
    name="{name}", title="Theirs", failure="fails", signal="errors", minutes=5, services=(), entry="shop",
    request=lambda index, rng: HttpRequest("GET", "/", f"r{{index}}"),
    scenarios={{"calm": Scenario("calm", (Phase(1, 10),))}}, checks=(), diagnosis=Diagnosis((), 1, ""), hints=(),
    reference="right_one",
)
"""


def install(folder: Path, distribution: str, entries: Mapping[str, str], packages: Mapping[str, str]) -> Path:
    """Put a distribution with these entry points (name: value) and packages (name: text of __init__.py) into `folder`."""
    about = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in entries.items()]
    (about / "entry_points.txt").write_text("\n".join(["[breakfix.labs]", *lines]) + "\n")
    for name, text in packages.items():
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(text)
    return folder

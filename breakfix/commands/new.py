"""`breakfix new`: writes a first version of a lab, which runs, and whose broken code fails."""

from __future__ import annotations

from pathlib import Path

import labs
from breakfix.commands.shell import DONE, BadInput

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
NAME, PACKAGE, NUMBER = "LAB_NAME", "LAB_PACKAGE", "LAB_NUMBER"
"""The placeholders in the templates for the lab's name, its package and its number."""


def new(name: str, into: Path | None) -> int:
    """Write the lab, in this repository or as a package of its own in `into`, and print the next steps.

    Raises:
        BadInput: the name is malformed or taken, or the folder exists or is not writable; nothing was written.
    """
    if not labs.is_name(name):
        raise BadInput(f"{name!r} is no name of a lab; call it {labs.NAME_FORM}")
    for other in labs.names():
        if other[:5] == name[:5]:
            free = next(n for n in range(100) if not any(known.startswith(f"lab{n:02}_") for known in labs.names()))
            raise BadInput(f"{name!r}: {other} has that number already; lab{free:02} is free")
    project = labs.FOLDER / name if into is None else into / name
    if project.exists():
        raise BadInput(f"{project} exists already; choose another name, or move it away")
    package, folder = (f"labs.{name}", project) if into is None else (name, project / name)
    texts = {PACKAGE: package, NAME: name, NUMBER: name[3:5]}
    try:
        _write(TEMPLATES / "lab", folder, texts)
        if into is not None:
            _write(TEMPLATES / "project", project, texts)
    except OSError as error:
        raise BadInput(f"cannot write {error.filename} ({error.strerror}); choose another folder") from error
    install = "" if into is None else f" Run `pip install --no-deps -e {project}`, then"
    print(f"Wrote {folder}.{install} `breakfix run {name} --fix broken` shows it fail; `breakfix lab-check {name}`.")
    print("Put your own outage there: scenarios.py and service.py, then broken.py, checks.py, fixes/ (docs/authoring.md).")
    print(f"Tell it in notebook.py, and `breakfix build {name}`; the tests want three right repairs and five wrong ones.")
    return DONE


def _write(templates: Path, folder: Path, texts: dict[str, str]) -> None:
    for template in sorted(p for p in templates.rglob("*.txt") if p.is_file()):
        text = template.read_text(encoding="utf-8")
        for word, instead in texts.items():
            text = text.replace(word, instead)
        file = folder / template.relative_to(templates).with_suffix("")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

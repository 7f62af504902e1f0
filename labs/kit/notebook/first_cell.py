"""What a kernel says that has not run the cells above: without it, a bare NameError, or "Cell magic `%%fix` not found".

Only what runs in a kernel can answer. `make lab` has each of its kernels run `install` at its start (breakfix/jupyter); in
other programs it is installed when a lab is opened, and answers for the cells below the first one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MAGICS = ("fix", "diagnosis", "runbook")
FIRST = (
    "This kernel has not opened the lab yet: it is new, or was restarted. Run the first cell of code, the one with"
    " labs.open_lab(...), or all cells above this one: Run > Run All Above Selected Cell."
)
ABOVE = "If a cell above defines it, run that first: Run > Run All Above Selected Cell."


def install(shell: Any) -> None:
    """Answer in an IPython shell for what the cells above would have defined. The lab's own magics replace these."""
    known = shell.magics_manager.magics["cell"]
    for name in MAGICS:
        if name not in known:
            shell.register_magic_function(_nothing_open, "cell", name)
    shell.set_custom_exc((NameError,), on_name)


def _nothing_open(line: str, cell: str) -> None:
    print(FIRST)


def on_name(shell: Any, kind: type[BaseException], error: Any, traceback: Any, tb_offset: int | None = None) -> None:
    """Show a NameError of a cell with what to run first; one of a module as it is."""
    name, inside = getattr(error, "name", None), traceback.tb_next
    if name == "lab" and "lab" not in shell.user_ns:
        error._render_traceback_ = _lines(f"NameError: {error}", FIRST)
    elif inside is None or inside.tb_next is None:  # the frame of IPython, and at most that of the cell
        error.add_note(ABOVE)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def _lines(*lines: str) -> Callable[[], list[str]]:
    return lambda: list(lines)

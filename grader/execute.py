"""Executes a notebook from top to bottom, as a learner would, and keeps the outputs that are the same on any machine."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import base64
import os
import re
import struct
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

import labs

CELL_LIMIT_S = 1200
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = (b"tEXt", b"zTXt", b"iTXt", b"tIME")


class ExecutionFailed(RuntimeError):
    """A cell raised, hung or killed its kernel; the message names the cell."""


def execute(nb: NotebookNode, live: bool = False) -> NotebookNode:
    """A copy of a notebook with the outputs of its execution, without outputs that differ from run to run.

    The kernel works in a temporary folder with its own BREAKFIX_WORK, so the learner's state is not touched.
    `live` also makes the notebook's live runs: their outputs are not kept, but they must not raise.

    Raises:
        ExecutionFailed: the message names the cell.
    """
    done = nbformat.from_dict(nb)
    with tempfile.TemporaryDirectory(prefix="breakfix-execute-") as folder:
        Path(folder, "matplotlibrc").write_text("svg.hashsalt: breakfix\n")  # else each SVG has ids of its own
        # Sockets in the folder, for free ports may be taken by another kernel before this one binds them.
        sockets = Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder, "kernel"))}})
        client = NotebookClient(
            done, config=sockets, timeout=CELL_LIMIT_S, kernel_name="python3", resources={"metadata": {"path": folder}},
            record_timing=False, store_widget_state=False, coalesce_streams=True,
            extra_arguments=["--IPKernelApp.log_level=40"],  # else each kernel warns of its unencrypted loopback sockets
        )  # fmt: skip
        try:
            client.execute(env=_environment(folder, live))
        except (CellControlSignal, DeadKernelError) as error:
            raise ExecutionFailed(_where(done, error)) from error
    return cleaned(done)


def _environment(folder: str, live: bool) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("NBGRADER_EXECUTION", "PYTHONWARNINGS")}
    return environment | {
        "PYTHONPATH": os.pathsep.join([str(labs.ROOT), *filter(None, [environment.get("PYTHONPATH")])]),
        "BREAKFIX_WORK": str(Path(folder, "work")),
        "IPYTHONDIR": str(Path(folder, "ipython")),  # else a start-up file of this user runs first
        "BREAKFIX_LIVE": "on" if live else "off",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",  # the date that matplotlib writes into SVG files
    }


def _where(nb: NotebookNode, error: Exception) -> str:
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"cell {cell.id!r} raised {output.ename}: {output.evalue}"
    return f"the kernel gave up: {type(error).__name__}: {error}"


def cleaned(nb: NotebookNode) -> NotebookNode:
    """The same notebook, changed in place: without widgets, stderr, timings, and versions inside images."""
    about = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    nb.metadata = nbformat.from_dict({**about, **{k: v for k, v in nb.metadata.items() if k == "breakfix"}})
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.metadata.get("breakfix", {}).get("role") == "live":
            cell.outputs = []  # real time differs each time
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if not _passing(o)]
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = plain_png(output.data["image/png"])
    return nb


def _passing(output: NotebookNode) -> bool:
    """Is this an output that differs from machine to machine? Widgets have random ids, stderr names fonts and versions."""
    if output.output_type == "stream":
        return bool(output.name == "stderr")
    return any(kind.startswith("application/vnd.jupyter.widget") for kind in output.get("data", {}))


def plain_png(encoded: str) -> str:
    """A PNG in base64 without its text chunks, into which matplotlib writes its version. Other data are unchanged."""
    data = base64.b64decode(encoded)
    if not data.startswith(_PNG):
        return encoded
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunk = data[at : at + 12 + length]
        if chunk[4:8] not in _PNG_TEXT:
            kept.append(chunk)
        at += len(chunk)
    return base64.b64encode(b"".join(kept)).decode() + "\n"


def addresses(cell: NotebookNode) -> list[str]:
    """The memory addresses in the text of a cell's outputs, which differ from run to run."""
    shown = [str(o.get("text", "")) + " ".join(str(v) for v in o.get("data", {}).values()) for o in cell.get("outputs", [])]
    return [found for text in shown for found in _ADDRESS.findall(text)]

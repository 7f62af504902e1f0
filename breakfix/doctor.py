"""`breakfix doctor`: lists what this machine lacks, one line each, with the remedy."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import labs

if TYPE_CHECKING:
    from grader.sandbox import Provided

MIN_PYTHON = (3, 11)
LOCKED_PYTHON = (3, 11)
MIN_MEMORY_MB = 1024
MIN_SQLITE = (3, 27, 0)  # "vacuum into", which writes a record to its file
NEW_PYTHON = "`uv python install 3.11`, then `make clean setup PYTHON=python3.11`"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


@dataclass(frozen=True)
class Condition:
    """One condition of the machine. `status` is "ok", "note" (works, with a remark) or "fail"; `remedy` is "" if ok."""

    name: str
    status: str
    found: str
    remedy: str = ""


def python_version(version: tuple[int, ...] = sys.version_info[:3]) -> Condition:
    """Python is 3.11 or newer; identical records are promised only for 3.11."""
    found = ".".join(map(str, version))
    if version < MIN_PYTHON:
        return Condition("Python", "fail", found, f"needs 3.11 or newer: {NEW_PYTHON}")
    if version[:2] != LOCKED_PYTHON:
        return Condition(
            "Python", "note", found, "works; records are promised identical on 3.11: `make clean setup PYTHON=python3.11`"
        )
    return Condition("Python", "ok", found)


def pins(text: str) -> dict[str, str]:
    """The versions in constraints.txt by package, from the lines for all platforms."""
    return {_key(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


def packages(constraints: Path = labs.ROOT / "constraints.txt", requires: Iterable[str] | None = None) -> Condition:
    """All packages that Break/Fix requires are installed, and all installed packages have their pinned versions."""
    if requires is None:
        try:
            requires = metadata.requires("breakfix") or []
        except metadata.PackageNotFoundError:
            return Condition("packages", "fail", "breakfix itself is not installed", "`make setup`")
    wanted = {_key(match[0]) for line in requires if "extra ==" not in line and (match := re.match(r"[\w.-]+", line))}
    # The first of a name is the one that Python imports: setuptools, once imported, adds packages of its own to the path.
    installed = {_key(d.name): d.version for d in reversed(list(metadata.distributions()))}
    if missing := sorted(wanted - installed.keys()):
        return Condition("packages", "fail", f"missing: {', '.join(missing)}", "`make setup`")
    try:
        pinned = pins(constraints.read_text(encoding="utf-8"))
    except OSError as error:
        return Condition("packages", "note", f"no pins to compare with: {error}", "run from a clone of the repository")
    other = [f"{n} {installed[n]} (pinned {v})" for n, v in sorted(pinned.items()) if installed.get(n, v) != v]
    if other:
        shown = ", ".join(other[:3]) + (f" and {len(other) - 3} more" if len(other) > 3 else "")
        return Condition("packages", "note", shown, "records may differ from ours; for the pinned ones: `make clean setup`")
    return Condition("packages", "ok", f"{len(installed.keys() & pinned.keys())} at their pinned versions")


def memory(available_mb: float | None = None) -> Condition:
    """Enough free memory for JupyterLab, a kernel and a few simulated hosts."""
    free = _available_mb() if available_mb is None else available_mb
    if free < MIN_MEMORY_MB:
        return Condition("memory", "fail", f"{free:.0f} MB free", f"needs {MIN_MEMORY_MB} MB: close programs or kernels")
    return Condition("memory", "ok", f"{free:.0f} MB free")


def cores(number: int | None = None) -> Condition:
    """The number of usable cores. One is enough, and slow."""
    number = _usable_cores() if number is None else number
    if number < 2:
        return Condition("cores", "note", "1", "works; checks take about twice as long as with two")
    return Condition("cores", "ok", str(number))


def loopback(bind: Callable[[], int] | None = None) -> Condition:
    """Servers can listen on 127.0.0.1."""
    try:
        (bind or _bind_loopback)()
    except OSError as error:
        return Condition("loopback", "fail", f"cannot listen on 127.0.0.1: {error}", "allow it in this firewall or sandbox")
    return Condition("loopback", "ok", "can listen on 127.0.0.1")


def work_folder() -> Condition:
    """The learner's working copy is writable."""
    from labs.kit.notebook.workspace import WorkFolderError, work_path, write_atomic

    probe = work_path() / ".breakfix" / "probe"
    try:
        write_atomic(probe, "")
        probe.unlink()
    except (WorkFolderError, OSError) as error:
        return Condition("work folder", "fail", str(error), "set BREAKFIX_WORK to a folder that you may write to")
    return Condition("work folder", "ok", str(work_path()))


def sqlite_version(version: str = sqlite3.sqlite_version) -> Condition:
    """The SQLite that Python is linked with can write a record."""
    if tuple(map(int, version.split("."))) < MIN_SQLITE:
        needed = ".".join(map(str, MIN_SQLITE))
        return Condition(
            "SQLite", "fail", version, f"needs {needed} or newer: `uv python install 3.11`, then `make clean setup`"
        )
    return Condition("SQLite", "ok", version)


def labs_found() -> Condition:
    """Every lab loads, also those of other packages."""
    loaded, problems = labs.load_all()
    if problems:
        return Condition("labs", "fail", problems[0], f"{len(problems)} in all: `breakfix list`" if problems[1:] else "")
    return Condition("labs", "ok", f"{len(loaded)} load")


def notebooks(folder: Path | None = None, names: list[str] | None = None) -> Condition:
    """Every lab of this repository has the notebook that a learner opens."""
    names = labs.ours() if names is None else names
    folder = labs.ROOT / "notebooks" if folder is None else folder
    missing = [name for name in names if not (folder / name / f"{name}.ipynb").is_file()]
    if missing:
        return Condition("notebooks", "fail", f"not built: {', '.join(missing)}", "`breakfix build`")
    return Condition("notebooks", "ok", f"{len(names)} built")


def kernel(run: Callable[[str], str] | None = None) -> Condition:
    """A Jupyter kernel starts, in this environment, and finds the labs."""
    try:
        python = (run or _ask_kernel)("import labs, sys; print(sys.executable)")
    except (OSError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).strip().splitlines()[-1]
        return Condition("kernel", "fail", f"does not start: {reason}", "`make clean setup`; then free some memory")
    if Path(python.strip()) != Path(sys.executable):
        return Condition("kernel", "fail", f"is {python.strip()}", "start JupyterLab with `make lab`")
    return Condition("kernel", "ok", "starts")


def database(start: Callable[[], AbstractContextManager[str]] | None = None) -> Condition:
    """A PostgreSQL server starts; only labs with a database need it."""
    from labs.kit.worlds.live.postgres.server import NoServer, server

    try:
        with (start or server)() as address:
            return Condition("PostgreSQL", "ok", f"starts ({address.split('@')[-1].partition('?')[0]})")
    except NoServer as error:
        found, _, remedy = str(error).partition(" Mend that, or ")
        return Condition("PostgreSQL", "note", found, f"labs with a database cannot run live; mend it, or {remedy or found}")


def sandbox(found: Provided | None = None) -> Condition:
    """Submissions can be graded in a sandbox; learners' own checks need none."""
    from grader.sandbox import provided
    from labs.kit.worlds.sandbox.tiers import Tier

    found = provided() if found is None else found
    return Condition("sandbox", "ok" if found.tier is Tier.BWRAP else "note", found.told(), found.remedy)


def chromium(path: str | None = None) -> Condition:
    """Chromium is installed; only the browser test needs it."""
    path = path or find_chromium()
    if path is None:
        return Condition("Chromium", "note", "none", "only the browser test needs it: `apt install chromium`")
    return Condition("Chromium", "ok", path)


def find_chromium() -> str | None:
    """A Chromium or Chrome that runs, or None. BREAKFIX_CHROMIUM names one that is tried first."""
    candidates = (os.environ.get("BREAKFIX_CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES), shutil.which(CHROMIUM_ON_MACOS))
    return next((path for path in candidates if path and _answers(path)), None)


def checks() -> list[Condition]:
    """Check all conditions; this takes a few seconds, most of them for the kernel."""
    machine = (python_version, packages, sqlite_version, memory, cores, loopback)
    course = (work_folder, labs_found, notebooks, kernel, database, sandbox, chromium)
    return [look() for look in (*machine, *course)]


def doctor() -> int:
    """Print all conditions. Returns 0 if the labs can run here, else 1."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    found = checks()
    marks = {"ok": "[green]  ok[/]", "note": "[yellow]note[/]", "fail": "[red]FAIL[/]"}
    for c in found:
        remedy = f" -> {c.remedy}" if c.remedy else ""
        console.print(f"{marks[c.status]}  {escape(c.name):<12} {escape(c.found + remedy)}", soft_wrap=True, highlight=False)
    failed = [c.name for c in found if c.status == "fail"]
    console.print(escape(f"To be mended: {', '.join(failed)}.") if failed else "The labs can run here.", highlight=False)
    return 1 if failed else 0


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _available_mb() -> float:
    """The free memory of the machine, or of the container (cgroup v2) if that is less."""
    import psutil

    free = float(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):  # no cgroup v2, or no limit in it ("max")
        used = int((group / "memory.current").read_text())
        cached = re.search(r"^inactive_file (\d+)$", (group / "memory.stat").read_text(), re.MULTILINE)
        free = min(free, int((group / "memory.max").read_text()) - used + int(cached[1] if cached else 0))
    return free / 2**20


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _bind_loopback() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _answers(path: str) -> bool:
    """Does the program run? On some systems `chromium` is a stub that only says where to get it."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _ask_kernel(code: str) -> str:
    """Run code in a new kernel and return its output. Raises RuntimeError if it fails."""
    from jupyter_client.manager import start_new_kernel

    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    manager, client = start_new_kernel(startup_timeout=60, kernel_name="python3", stderr=subprocess.DEVNULL)
    printed: list[str] = []

    def hear(message: dict[str, dict[str, str]]) -> None:
        content = message["content"]
        printed.append(content.get("text", "") or content.get("evalue", ""))

    try:
        reply = client.execute_interactive(code, timeout=60, output_hook=hear)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"].get("evalue", "the kernel gave no reason"))
        return "".join(printed)
    except TimeoutError as error:
        raise RuntimeError("no answer within 60 s") from error
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

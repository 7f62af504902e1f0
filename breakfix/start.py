"""`breakfix start`: JupyterLab on the learner's working copy, open at the start page or at one lab."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import urllib.request
import webbrowser
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from tornado.ioloop import PeriodicCallback

import labs
from breakfix.copies import START_PAGE, NotBuilt, bring, bring_reference, changed_at, write_start_page
from labs.kit.notebook.workspace import WorkFolderError, work_folder

HERE = Path(__file__).resolve().parent
LOOKS_EVERY_S = 3.0


def start(lab: str | None = None, browser: bool | None = None, *, fresh: bool = False) -> int:
    """Bring the working copy up to date and run JupyterLab on it until Ctrl-C.

    Args:
        lab: open this lab's notebook; by default the start page.
        browser: open a browser; by default if there is a screen. The address is printed either way.
        fresh: put the newest release of `lab` in place and keep the learner's notebook under a dated name.

    Returns:
        The exit code: 0 after an orderly end, 2 on bad input, with one line on stderr.
    """
    try:
        work, page = prepare(lab, fresh=fresh)
    except (labs.UnknownLab, labs.BrokenLab, NotBuilt, BadCall, WorkFolderError) as error:
        print(f"breakfix start: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"breakfix start: {error}. Make that path usable, or set BREAKFIX_WORK to another folder.", file=sys.stderr)
        return 2
    return serve(work, page, has_screen() if browser is None else browser)


class BadCall(ValueError):
    """The options cannot be combined."""


def prepare(lab: str | None = None, *, fresh: bool = False) -> tuple[Path, str]:
    """Make or refresh the working copy. Returns its folder, and the path in it of the page to open, with "/".

    Raises:
        labs.UnknownLab, labs.BrokenLab, NotBuilt, BadCall, WorkFolderError, OSError: the message says what to do.
    """
    if fresh and lab is None:
        raise BadCall(f"--fresh needs the name of a lab; the labs are: {', '.join(labs.names())}")
    name = None if lab is None else labs.find(lab)
    work = work_folder().resolve()
    for each in labs.names():
        try:
            news = bring(each, work, fresh=fresh and each == name)
        except (NotBuilt, labs.BrokenLab) as error:
            if each == name:
                raise
            news = str(error)
        if news:
            print(news)
    write_start_page(work)
    bring_reference(work)
    return work, f"{name}/{name}.ipynb" if name else START_PAGE


def has_screen() -> bool:
    """Is there a screen that a browser could open on?"""
    if "SSH_CONNECTION" in os.environ and not os.environ.get("DISPLAY"):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def serve(work: Path, page: str, browser: bool) -> int:
    """Run JupyterLab in this process, on loopback, until Ctrl-C or a signal ends it; its kernels end with it."""
    from jupyterlab.labapp import LabApp

    if (url := running_at(work, page)) is not None:
        print(f"\n  JupyterLab runs on this folder already: {url}\n  Your work is in   {work}", flush=True)
        if browser:
            webbrowser.open(url)
        return 0
    _surroundings(work)
    token = secrets.token_urlsafe(24)
    url = f"/lab/tree/{quote(page)}"
    server = LabApp.initialize_server(argv=_options(work, url, token, browser))

    def tell() -> None:
        print(f"\n  JupyterLab is at  http://127.0.0.1:{server.port}{url}?token={token}", flush=True)
        print(f"  Your work is in   {work}\n  To stop it        press Ctrl-C\n", flush=True)

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)  # a second Ctrl-C ends it at once
        server.stop(from_signal=True)

    signal.signal(signal.SIGINT, end)  # without a terminal the server leaves Ctrl-C to Python, which ends it anywhere
    server.io_loop.add_callback(tell)  # after the callback that begins to listen
    PeriodicCallback(StartPage(work).look, 1000 * LOOKS_EVERY_S).start()
    server.start()
    server.io_loop.asyncio_loop.run_until_complete(end_tasks())
    return 0


class StartPage:
    """The start page of a running server: written anew when a lab's progress has changed."""

    def __init__(self, work: Path) -> None:
        self.work, self.shows = work, changed_at(work)

    def look(self) -> None:
        """Write the page anew if it is behind. What cannot be read or written now is tried again at the next look."""
        with contextlib.suppress(OSError, WorkFolderError):
            if (now := changed_at(self.work)) != self.shows:
                write_start_page(self.work)
                self.shows = now


def running_at(work: Path, page: str) -> str | None:
    """The address of `page` at a server that runs on this folder already; None if there is none."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server.get("root_dir", "")) != work:
            continue
        with contextlib.suppress(OSError):  # what does not answer has ended, and left its file
            urllib.request.urlopen(f"{server['url']}api?token={server['token']}", timeout=10).close()  # noqa: S310 - loopback
            return f"{server['url']}lab/tree/{quote(page)}?token={server['token']}"
    return None


async def end_tasks() -> None:
    """End what requests have left on this loop, as asyncio.run() does.

    The server only stops its loop. A request under way then never ends, and the thread that reads files for it would keep
    this process from ending.
    """
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # what is to be done when a task is done


def _surroundings(work: Path) -> None:
    """Set the environment that the server, its kernels and its terminals inherit."""
    bin_folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])  # `breakfix` in a terminal
    os.environ["BREAKFIX_WORK"] = str(work)  # a kernel runs in its lab's folder: a relative path would be wrong there
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # else a python3 kernel in the user's home comes before this environment's
    startup = str(HERE / "jupyter" / "startup.py")  # a kernel says which cell to run first
    if (theirs := os.environ.get("PYTHONSTARTUP", "")) != startup:  # that of a terminal of ours
        os.environ |= {"PYTHONSTARTUP": startup, "BREAKFIX_PYTHONSTARTUP": theirs}
    ours = [str(HERE / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, ours))  # no news prompt; Markdown opens rendered


def _options(work: Path, url: str, token: str, browser: bool) -> list[str]:
    """JupyterLab's options, as arguments, because arguments override a user's own configuration files."""
    import zmq

    encryption = "auto" if zmq.has("curve") else "disabled"  # without it every kernel prints a warning here
    return [
        f"--KernelManager.transport_encryption={encryption}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",  # two that start at once would both find 8888 free, and one would show the other's login
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url={url}",
        f"--ServerApp.default_url={url}",
        f"--ServerApp.open_browser={browser}",
        "--ServerApp.use_redirect_file=False",  # a browser from a snap, or outside WSL, cannot read the redirect file
        "--ServerApp.allow_root=True",  # else root is refused; we listen on loopback only
        "--ServerApp.answer_yes=True",  # Ctrl-C ends it at once, without a question
        f"--IdentityProvider.token={token}",  # our own, so that the address is printed once, by us
        f"--LabApp.workspaces_dir={work / '.breakfix' / 'workspaces'}",  # else tabs of other courses open too
        "--Application.log_level=ERROR",
    ]

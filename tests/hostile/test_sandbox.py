"""What a repair does to the machine that grades it, in a judge of its own; asserted from outside, under every tier."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import pytest

import labs
from labs.kit.model.lab import Fix
from labs.kit.model.load import Phase
from labs.kit.model.verdict import Status
from labs.kit.worlds.sandbox import bubblewrap, places, probe
from labs.kit.worlds.sandbox.cage import Rules
from labs.kit.worlds.sandbox.tiers import Tier
from labs.kit.worlds.simulated.world import run_simulated

FOLDER = Path(__file__).with_name("attacks")
ATTACKS = ("files.py", "neighbours.py", "system.py")
"""Each function in them is an attack."""
ENDS_WITHIN_S = 120
SECRET = "hunter2!!"
ONLY_AS_ROOT = {"writes_to_the_kernel", "has_capabilities", "is_root"}
"""An ordinary user may not do these without a sandbox either."""
DEPENDS = {
    "speaks_through_a_ring", "opens_netlink", "leaves_a_posix_queue", "opens_the_judges_memory", "opens_the_zygotes_memory",
    "opens_the_banks_memory", "vforks",
}  # fmt: skip
"""Some machines refuse these to everybody (sysctl kernel.io_uring_disabled, Yama, a container, a processor)."""


def tiers() -> list[Tier]:
    """The tiers that this machine provides."""
    return [tier for tier in (Tier.BWRAP, Tier.CAGE) if not why_not(tier)]


@lru_cache
def why_not(tier: Tier) -> str:
    """As the probe says it, asked once."""
    return probe.why_not(tier)


@dataclass
class Outside:
    """A disposable machine to attack: files, listeners, and names to look for afterwards."""

    folder: Path
    mark: str = field(default_factory=lambda: f"bfx{secrets.token_hex(5)}")
    heard: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Make the files."""
        for name in ("submitted/alice", "home", "scratch"):
            (self.folder / name).mkdir(parents=True)
        for name in ("gradebook.db", "emptied.db", "checks.py", "submitted/bob.ipynb", "submitted/carol.ipynb"):
            (self.folder / name).write_text("what was there\n")
        (self.folder / "submitted/alice/lab06.ipynb").write_text("{}")
        (self.folder / "seeds.json").write_text('{"seeds": [7], "secret": "hunter2!!"}')
        (self.folder / "home/.bashrc").write_text("")

    def files(self) -> dict[str, tuple[int, float, bytes]]:
        """All files with mode, time and content."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            about = path.stat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(self.folder))] = (about.st_mode, about.st_mtime, content)
        return found

    @contextlib.contextmanager
    def listening(self) -> Iterator[int]:
        """Listen on all kinds of sockets; `heard` names those that were reached."""
        with contextlib.ExitStack() as held:
            tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
            port = tcp.getsockname()[1]
            udp.bind(("127.0.0.1", port))
            abstract, path = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
            abstract.bind(f"\0{self.mark}")
            path.bind(str(self.folder / "socket"))
            threads = []
            for name, sock in (("tcp", tcp), ("udp", udp), ("abstract", abstract), ("path", path)):
                held.enter_context(sock)
                if name != "udp":
                    sock.listen(5)
                threads.append(threading.Thread(target=self._hear, args=(name, sock)))
                threads[-1].start()
            try:
                yield port
            finally:
                for sock in (tcp, udp, abstract, path):
                    with contextlib.suppress(OSError):
                        sock.shutdown(socket.SHUT_RDWR)  # which wakes its thread
                for thread in threads:
                    thread.join()
                (self.folder / "socket").unlink()

    def _hear(self, name: str, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if name == "udp":
                if sock.recv(100):
                    self.heard.append(name)
            else:
                sock.accept()[0].close()
                self.heard.append(name)

    def left(self) -> list[str]:
        """Whatever the attacks left on the machine: files, processes, memory. Removes it."""
        found = []
        for place in ("/tmp", "/dev/shm", "/var/tmp", str(labs.ROOT), str(labs.FOLDER)):
            for path in Path(place).glob(f"*{self.mark}*"):
                found.append(str(path))
                path.unlink()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.name().startswith(self.mark):
                    found.append(f"process {process.pid}")
                    process.kill()
        libc: Any = ctypes.CDLL(None, use_errno=True)
        segment = libc.shmget(int(self.mark[-6:], 16), 0, 0)
        if segment >= 0:
            found.append("a shared segment")
            libc.shmctl(segment, 0, None)
        if libc.mq_unlink(f"/{self.mark}".encode()) == 0:
            found.append("a queue")
        return found


@dataclass(frozen=True)
class Outcome:
    """How a judge with a hostile repair ended."""

    code: int
    answer: dict[str, Any]

    @property
    def attained(self) -> dict[str, str]:
        """What the attacks attained, by name."""
        lines = (line.removeprefix("ATTAINED ") for line in self.answer.get("said", ()) if line.startswith("ATTAINED "))
        return {name: what for name, _, what in (line.partition(": ") for line in lines)}


def start(tier: Tier, lab: str, seconds: float = 1.0) -> subprocess.Popen[str]:
    """A judge in a process of its own."""
    command = [sys.executable, "-m", "tests.hostile.judge", tier, lab, str(seconds)]
    around = {**os.environ, "PYTHONPATH": str(labs.ROOT), "A_SECRET": SECRET}
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, cwd=labs.ROOT, env=around, stdin=pipe, stdout=pipe, stderr=null, text=True)


def judged(tier: Tier, source: str, lab: str = "lab06_retries", seconds: float = 1.0) -> Outcome:
    """Judge a repair that ends by itself."""
    with start(tier, lab, seconds) as judge:
        out, _ = judge.communicate(source, timeout=ENDS_WITHIN_S)
    return Outcome(judge.returncode, json.loads(out) if out else {})


def right(lab: str = "lab06_retries") -> str:
    """The lab's reference repair."""
    return labs.load(lab).fix("reference").source


def attacks(outside: Outside, port: int, tier: Tier, lab: str = "lab06_retries") -> str:
    """All attacks, and then a right repair."""
    scratch = str(outside.folder / "scratch") if tier is Tier.OPEN else "."
    text = "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in ("helpers.py", *ATTACKS, "run_all.py"))
    values = {"TARGET": outside.folder, "MARK": outside.mark, "PORT": port, "ROOT": labs.ROOT, "SCRATCH": scratch}
    values["LIVE"] = "yes" if labs.load(lab).world == "live" else "no"
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text + right(lab).replace("from __future__ import annotations", "")


def names() -> list[str]:
    """The names of all attacks."""
    lines = [line for file in ATTACKS for line in (FOLDER / file).read_text(encoding="utf-8").splitlines()]
    return [line.split("(")[0].removeprefix("def ") for line in lines if line.startswith("def ")]


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    """The machine round the sandbox."""
    made = Outside(tmp_path)
    made.prepare()
    return made


def test_without_a_sandbox_the_attacks_succeed(outside: Outside) -> None:
    """The control: each attack attains what it says, or the tests below would show nothing."""
    before = outside.files()
    with outside.listening() as port:
        outcome = judged(Tier.OPEN, attacks(outside, port, Tier.OPEN))
    left, after = outside.left(), outside.files()
    failed = set(names()) - set(outcome.attained) - DEPENDS - (ONLY_AS_ROOT if os.geteuid() else set())
    assert failed == set()
    assert sorted(outside.heard) == ["abstract", "path", "tcp", "udp"]
    assert after != before
    assert len([name for name in left if name.startswith("/")]) == 3
    assert "a shared segment" in left
    assert outcome.attained["reads_the_judges_environment"] == SECRET


@pytest.mark.parametrize("tier", [Tier.BWRAP, Tier.CAGE])
def test_in_a_sandbox_no_attack_attains_anything(outside: Outside, tier: Tier) -> None:
    """All are refused, nothing outside has changed, nothing is left, nobody was reached, and the right repair is judged."""
    if reason := why_not(tier):
        pytest.skip(reason)
    before = outside.files()
    with outside.listening() as port:
        outcome = judged(tier, attacks(outside, port, tier))
    stays_root = tier is Tier.CAGE and bubblewrap.mounted_by_root(places.kit())  # no other user could reach the Python
    assert set(outcome.attained) - ({"is_root"} if stays_root else set()) == set()
    assert outcome.answer["status"] == "pass"
    assert outside.files() == before
    assert outside.left() == []
    assert outside.heard == []


def test_there_are_at_least_sixty_attacks() -> None:
    """As docs/sandbox.md says."""
    assert len(names()) >= 60


KILLS = """
import ctypes, os
_libc = ctypes.CDLL(None)
def _parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])
try:
    _target = _libc.getppid()
    for _ in range(ANCESTORS):
        _target = _parent(_target)
    _libc.kill(_target, 9)
except OSError:
    pass
"""
"""SIGKILL to an ancestor: 0 is the zygote, 1 the judge where there is no sandbox."""


@pytest.mark.parametrize(("ancestors", "ends"), [(0, "infra_error"), (1, None)], ids=["the zygote", "the judge"])
def test_who_kills_an_ancestor_only_hurts_without_a_sandbox(ancestors: int, ends: str | None) -> None:
    """There it ends the judge without a verdict, or the run; in every tier the right repair is judged as if nothing was."""
    source = KILLS.replace("ANCESTORS", str(ancestors)) + right()
    control = judged(Tier.OPEN, source)
    assert control.answer.get("status") == ends
    assert (control.code == -9) is (ends is None)
    for tier in tiers():
        assert judged(tier, source).answer["status"] == "pass"


def test_a_forbidden_call_is_tampering() -> None:
    """The judge says of a host that SIGSYS ended what it asked for; without a sandbox the run goes on."""
    source = "import ctypes\nctypes.CDLL(None).ptrace(16, 1, 0, 0)\n" + right()
    assert judged(Tier.OPEN, source).answer["status"] == "pass"
    for tier in tiers():
        answer = judged(tier, source).answer
        assert (answer["status"], answer["detail"]) == (
            "tampered",
            "shop asked the system for what no repair needs, and was ended.",
        )


FILLS = """
import os
for _n in range(4):
    try:
        with open(f"big{_n}", "wb") as _file:
            for _ in range(20):
                _file.write(bytes(1 << 20))
    except OSError:
        break
"""
"""80 MB in files of 20."""


def test_what_a_host_writes_is_bounded() -> None:
    """Under bubblewrap the memory for it is full; in the cage alone the judge looks, and ends the run."""
    for tier in tiers():
        answer = judged(tier, FILLS + right()).answer
        assert answer["status"] == ("pass" if tier is Tier.BWRAP else "crashed")
        assert tier is Tier.BWRAP or "80 MB of files; it may keep 64 MB" in answer["detail"]


def test_a_cage_that_cannot_be_entered_stops_the_run_before_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has failed, and the repair has not run: it would have raised."""
    monkeypatch.setattr(places, "rules_of_host", lambda *_: Rules(read=["/\0"]))
    lab = labs.load("lab06_retries")
    scenario = lab.scenario(next(iter(lab.scenarios))).with_(load=(Phase(5.0, 1.0),), settle_s=1.0)
    for tier in tiers():
        run = run_simulated(lab, Fix("mine", "raise SystemExit('it ran')"), scenario, 0, tier=tier)
        assert run.status is Status.INFRA_ERROR
        assert "cage for the repair cannot be entered" in run.info.detail


def test_records_are_the_same_with_and_without_a_sandbox(tmp_path: Path) -> None:
    """To the byte: what is round a repair is not seen in what it does."""
    lab = labs.load("lab06_retries")
    records = set()
    for tier in (Tier.OPEN, *tiers()):
        run = run_simulated(lab, lab.fix("reference"), lab.scenario("outage"), 0, tier=tier)
        records.add(run.save(tmp_path / tier).read_bytes())
    assert len(records) == 1


@pytest.mark.parametrize("victim", ["the judge", "bwrap"])
def test_whoever_is_killed_no_process_is_left(victim: str) -> None:
    """Neither by the end of the judge, nor by that of the sandbox itself; then the judge says that its machine failed."""
    for tier in tiers():
        if victim == "bwrap" and tier is not Tier.BWRAP:
            continue
        with start(tier, "lab06_retries", seconds=600.0) as judge:
            assert judge.stdin is not None
            judge.stdin.write(right())
            judge.stdin.close()
            below = descendants(psutil.Process(judge.pid), 3 if tier is Tier.CAGE else 5)
            doomed = judge.pid if victim == "the judge" else next(p.pid for p in below if p.name() == "bwrap")
            os.kill(doomed, 9)
            _, alive = psutil.wait_procs(below, timeout=ENDS_WITHIN_S)
            assert alive == []
            if victim == "bwrap":
                assert judge.stdout is not None
                assert json.loads(judge.stdout.read())["status"] == "infra_error"


def descendants(process: psutil.Process, most: int) -> list[psutil.Process]:
    """Its descendants, once there are so many."""
    until = time.monotonic() + ENDS_WITHIN_S
    while len(found := process.children(recursive=True)) < most and time.monotonic() < until:
        time.sleep(0.02)
    assert len(found) >= most
    return found


LIVE_ALLOWS = {"pairs_sockets", "forks", "leaves_a_daemon", "runs_a_program", "vforks", "leads_a_group", "listens"}
"""A live service has sockets and programs of its own, in namespaces that end with it."""
ITS_OWN = {
    "may_signal_its_group", "may_signal_all", "sees_all_processes", "may_queue_a_signal", "may_signal_the_zygote",
    "opens_a_handle_on_the_zygote", "signals_through_a_descriptor", "leaves_a_file_in_tmp", "limits_the_zygote",
    "speaks_udp",
}  # fmt: skip
"""Under bubblewrap, what they see and reach is their own: process 1 is the service, its parent is 0, which means itself,
/tmp is its folder, and nobody hears its datagrams."""
OF_CAGE = {
    "speaks_tcp", "speaks_udp", "is_root", "may_signal_its_group", "may_signal_all", "opens_a_handle_on_the_zygote",
}  # fmt: skip
"""In the cage alone, loopback is all the network that there is, and signals reach only the service's own processes."""


@pytest.mark.release
@pytest.mark.parametrize("tier", [Tier.BWRAP, Tier.CAGE])
def test_live_no_attack_attains_anything_outside(outside: Outside, tier: Tier) -> None:
    """lab04's service, in a sandbox inside that of its run: what it attains stays there, and ends with it."""
    if reason := why_not(tier) or (probe.why_no_live_cage() if tier is Tier.CAGE else ""):
        pytest.skip(reason)
    lab = "lab04_connections"
    before = outside.files()
    with outside.listening() as port:
        outcome = judged(tier, attacks(outside, port, tier, lab), lab, seconds=5.0)
    known = OF_CAGE if tier is Tier.CAGE else ITS_OWN
    assert "listens" in outcome.attained
    assert set(outcome.attained) - LIVE_ALLOWS - known == set()
    assert outcome.answer["status"] in ("pass", "invalid")  # a busy machine
    assert outside.files() == before
    assert outside.left() == []
    assert set(outside.heard) <= ({"tcp", "udp"} if tier is Tier.CAGE else set())


@pytest.mark.release
@pytest.mark.parametrize("victim", ["the judge", "bwrap", "the runner"])
def test_live_whoever_is_killed_no_process_is_left(victim: str) -> None:
    """lab04 with its database, under bubblewrap: judge, sandbox or runner is killed in the middle, and all end with it."""
    if reason := why_not(Tier.BWRAP):
        pytest.skip(reason)
    with start(Tier.BWRAP, "lab04_connections", seconds=600.0) as judge:
        assert judge.stdin is not None
        judge.stdin.write(right("lab04_connections"))
        judge.stdin.close()
        below = descendants(psutil.Process(judge.pid), 20)  # sandbox, runner, proxy, database, services
        runner = next(p for p in below if "labs.kit.worlds.live.runner" in p.cmdline() and p.name() != "bwrap")
        doomed = {
            "the judge": judge.pid,
            "bwrap": next(p.pid for p in below if p.name() == "bwrap"),
            "the runner": runner.pid,
        }
        os.kill(doomed[victim], 9)
        _, alive = psutil.wait_procs(below, timeout=ENDS_WITHIN_S)
        assert alive == []

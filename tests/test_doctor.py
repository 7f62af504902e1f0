"""`breakfix doctor`: each thing that can be wrong is said, with its remedy."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from breakfix import doctor
from breakfix.doctor import Condition
from grader.sandbox import Provided
from labs.kit.worlds.live.postgres.server import NoServer
from labs.kit.worlds.sandbox.tiers import Tier


def broken_bind() -> int:
    """A machine that lets nobody listen."""
    raise PermissionError("Operation not permitted")


def broken_kernel(code: str) -> str:
    """A kernel that dies."""
    raise RuntimeError("Kernel died before replying to kernel_info")


def no_server() -> nullcontext[str]:
    """A machine on which PostgreSQL does not start."""
    raise NoServer("no room; expected 50 MB. Mend that, or set BREAKFIX_POSTGRES_URL to the address of a server to use.")


@pytest.mark.parametrize(
    ("condition", "status", "told"),
    [
        (doctor.python_version((3, 10, 4)), "fail", "3.11"),
        (doctor.python_version((3, 14, 0)), "note", "identical"),
        (doctor.python_version((3, 11, 9)), "ok", ""),
        (doctor.memory(300), "fail", "1024 MB"),
        (doctor.memory(8000), "ok", ""),
        (doctor.cores(1), "note", "two"),
        (doctor.cores(8), "ok", ""),
        (doctor.loopback(broken_bind), "fail", "firewall"),
        (doctor.sqlite_version("3.26.0"), "fail", "3.27.0"),
        (doctor.sqlite_version("3.40.1"), "ok", ""),
        (doctor.notebooks(Path("/nowhere"), ["lab06_retries"]), "fail", "breakfix build"),
        (doctor.notebooks(Path("/nowhere"), []), "ok", ""),
        (doctor.kernel(broken_kernel), "fail", "make clean setup"),
        (doctor.kernel(lambda code: "/usr/bin/python3\n"), "fail", "make lab"),
        (doctor.kernel(lambda code: sys.executable), "ok", ""),
        (doctor.database(no_server), "note", "BREAKFIX_POSTGRES_URL"),
        (doctor.database(lambda: nullcontext("postgresql://app@127.0.0.1:5/app")), "ok", ""),
        (doctor.packages(requires=["no-such-package>=1 ; python_version > '3'"]), "fail", "make setup"),
        (doctor.packages(requires=["no-such-package; extra == 'dev'"]), "ok", ""),
        (doctor.packages(Path("/nowhere"), []), "note", "clone"),
        (doctor.sandbox(Provided(Tier.BWRAP)), "ok", ""),
        (
            doctor.sandbox(Provided(Tier.CAGE, "bubblewrap is not installed", "`apt install bubblewrap`")),
            "note",
            "apt install",
        ),
        (doctor.sandbox(Provided(None, "the kernel has no Landlock", "use Linux 5.13")), "note", "5.13"),
    ],
    ids=lambda value: value.name if isinstance(value, Condition) else None,
)
def test_each_condition_has_its_remedy(condition: Condition, status: str, told: str) -> None:
    """Good and bad states are told apart, and whatever is not ok says in one line what to do."""
    assert condition.status == status, condition
    assert told in condition.remedy
    assert (condition.remedy == "") is (status == "ok")
    assert "\n" not in condition.found + condition.remedy


def test_another_version_than_the_pinned_one_is_named(tmp_path: Path) -> None:
    """A package at another version is a note that names it, its version and the pin."""
    (tmp_path / "constraints.txt").write_text("pytest==0.0.1\nnot-installed==1.0\n")
    condition = doctor.packages(tmp_path / "constraints.txt", [])
    assert condition.status == "note"
    assert "pytest" in condition.found
    assert "0.0.1" in condition.found
    assert "not-installed" not in condition.found


def test_a_work_folder_in_a_file_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the work folder cannot be made, doctor names it and BREAKFIX_WORK as the way out."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "file" / "work"))
    condition = doctor.work_folder()
    assert condition.status == "fail"
    assert "BREAKFIX_WORK" in condition.remedy


def test_looking_at_the_work_folder_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at the work folder leaves no file behind."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    assert doctor.work_folder().status == "ok"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_kernel_starts_here() -> None:
    """A real kernel starts with this Python and imports the labs."""
    assert doctor.kernel() == Condition("kernel", "ok", "starts")


def test_chromium_that_does_not_run_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that only says where to get Chromium is not taken for one; a working one named by the user is."""
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("BREAKFIX_CHROMIUM", str(stub))
    assert doctor.find_chromium() != str(stub)
    stub.write_text("#!/bin/sh\nexit 0\n")
    assert doctor.find_chromium() == str(stub)


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("note", 0), ("fail", 1)])
def test_the_exit_code_says_whether_labs_can_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: str, code: int
) -> None:
    """doctor() prints one line for each condition and the verdict; only what must be mended makes it 1."""
    monkeypatch.setattr(doctor, "checks", lambda: [Condition("thing [x]", status, "found", "mend it")])
    assert doctor.doctor() == code
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "thing [x]" in lines[0]
    assert "mend it" in lines[0]
    assert ("To be mended: thing [x]" in lines[1]) is (code == 1)

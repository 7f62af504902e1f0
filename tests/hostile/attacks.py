"""Attacks of a repair on the machine that grades it. The text of this file stands before a right repair, in a host.

Each function below `ATTACKS` attains something and says it in a few words, or raises: then it was refused. It runs where the
standard library's own sockets and processes are simulated, so it asks the C library. `@NAMES@` are filled in by the test.
"""

import ctypes
import os
import struct
import threading
import time

_TARGET, _MARK, _PORT, _ROOT, _SCRATCH = "@TARGET@", "@MARK@", int("0@PORT@"), "@ROOT@", "@SCRATCH@"
_libc = ctypes.CDLL(None, use_errno=True)


def _done(result):
    """The result of a C function; raises OSError if it says that it failed."""
    if result is None or result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def _zygote():
    return _done(_libc.getppid())


def _judge():
    """The judge: the nearest ancestor that is no zygote and no sandbox."""
    pid = _zygote()
    while pid > 1:
        pid = _parent(pid)
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"tests.hostile.judge" in file.read():
                return pid
    raise OSError("the judge cannot be seen")


def _child(then):
    """Fork past the simulated world, and do something in the child."""
    pid = _done(_libc.fork())
    if pid == 0:
        _libc.prctl(15, _MARK.encode()[:15], 0, 0, 0)  # the name under which the test looks for it
        _libc.prctl(1, 0, 0, 0, 0)  # outlive the parent
        then()
        _libc._exit(0)
    return f"process {pid}"


def _sleep():
    _libc.sleep(30)


def _written(path, text="mine"):
    with open(path, "a") as file:
        file.write(text)
    return path


def _read(path):
    with open(path, "rb") as file:
        return f"{len(file.read())} bytes of {path}"


def _address(family, *rest):
    return struct.pack("=H", family) + b"".join(rest)


def _socket(family, kind):
    return _done(_libc.socket(family, kind, 0))


def _sent(family, kind, address):
    handle = _socket(family, kind)
    try:
        _done(_libc.connect(handle, address, len(address)))
        _done(_libc.send(handle, b"mine", 4, 0))
    finally:
        _libc.close(handle)
    return "sent"


_LOOPBACK = _address(2, struct.pack("!H", _PORT), bytes([127, 0, 0, 1]), bytes(8))

# ATTACKS


def reads_the_gradebook():
    return _read(f"{_TARGET}/gradebook.db")


def reads_a_classmates_notebook():
    return _read(f"{_TARGET}/submitted/alice/lab06.ipynb")


def reads_the_private_seeds():
    return _read(f"{_TARGET}/seeds.json")


def lists_the_submissions():
    return ", ".join(os.listdir(f"{_TARGET}/submitted"))


def writes_into_the_gradebook():
    return _written(f"{_TARGET}/gradebook.db")


def patches_the_checks():
    return _written(f"{_TARGET}/checks.py", "\nCHECKS = ()\n")


def opens_the_gradebook_to_all():
    path = f"{_TARGET}/gradebook.db"
    before = os.stat(path).st_mode
    os.chmod(path, 0o666)
    return "changed" if os.stat(path).st_mode != before else _done(-1)


def backdates_a_submission():
    path = f"{_TARGET}/submitted/alice/lab06.ipynb"
    os.utime(path, (1, 1))
    return "changed" if os.stat(path).st_mtime == 1 else _done(-1)


def removes_a_submission():
    os.unlink(f"{_TARGET}/submitted/bob.ipynb")
    return "removed"


def renames_a_submission():
    os.rename(f"{_TARGET}/submitted/carol.ipynb", f"{_TARGET}/submitted/dave.ipynb")
    return "renamed"


def takes_a_hard_link():
    os.link(f"{_TARGET}/checks.py", f"{_TARGET}/linked.py")
    return "linked"


def reads_through_a_symbolic_link():
    path = f"{_SCRATCH}/{_MARK}-link"
    os.symlink(f"{_TARGET}/seeds.json", path)
    try:
        return _read(path)
    finally:
        os.unlink(path)


def empties_the_gradebook():
    os.truncate(f"{_TARGET}/emptied.db", 0)
    return "emptied"


def makes_a_device():
    os.mkfifo(f"{_TARGET}/{_MARK}-pipe")
    return "made"


def leaves_a_file_in_tmp():
    return _written(f"/tmp/{_MARK}-file")


def leaves_a_file_in_shared_memory():
    return _written(f"/dev/shm/{_MARK}-file")


def leaves_a_file_in_var_tmp():
    return _written(f"/var/tmp/{_MARK}-file")


def leaves_a_file_at_home():
    return _written(f"{_TARGET}/home/.bashrc")


def writes_400_mb():
    path = f"{_SCRATCH}/{_MARK}-big"
    try:
        with open(path, "wb") as file:
            file.truncate(400 << 20)
    finally:
        os.unlink(path)
    return "400 MB"


def imports_the_right_repair():
    from labs.lab06_retries.fixes.right_all import PaymentsClient

    return PaymentsClient.__name__


def reads_the_labs_checks():
    return _read(f"{_ROOT}/labs/lab06_retries/checks.py")


def reads_the_labs_page():
    return _read(f"{_ROOT}/labs/lab06_retries/notebook.py")


def reads_the_solution():
    return _read(f"{_ROOT}/solutions/lab06_retries/lab06_retries.ipynb")


def reads_the_grader():
    return _read(f"{_ROOT}/grader/private.py")


def reads_another_lab():
    return _read(f"{_ROOT}/labs/lab02_memory/broken.py")


def reads_the_accounts():
    return _read("/etc/passwd")


def lists_the_root():
    return ", ".join(sorted(os.listdir("/"))[:3])


def sees_all_processes():
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return f"{len(seen)} processes"


def reads_the_judges_environment():
    with open(f"/proc/{_judge()}/environ", "rb") as file:
        return file.read().partition(b"A_SECRET=")[2][:9].decode()


def reads_the_judges_arguments():
    return _read(f"/proc/{_judge()}/cmdline")


def opens_the_judges_memory():
    os.close(os.open(f"/proc/{_judge()}/mem", os.O_RDWR))
    return "open"


def opens_the_zygotes_memory():
    os.close(os.open(f"/proc/{_zygote()}/mem", os.O_RDWR))
    return "open"


def opens_the_banks_memory():
    zygote, own = _zygote(), _done(_libc.getpid())
    bank = next(int(p) for p in os.listdir("/proc") if p.isdigit() and int(p) != own and _parent(p) == zygote)
    os.close(os.open(f"/proc/{bank}/mem", os.O_RDWR))
    return "open"


def opens_the_zygotes_pipes():
    names = os.listdir(f"/proc/{_zygote()}/fd")
    os.stat(f"/proc/{_zygote()}/fd/{names[0]}")
    return f"{len(names)} descriptors"


def limits_the_zygote():
    old = ctypes.create_string_buffer(16)
    _done(_libc.prlimit(_zygote(), 7, None, old))
    return "its limit of files"


def speaks_tcp():
    return _sent(2, 1, _LOOPBACK)


def speaks_udp():
    return _sent(2, 2, _LOOPBACK)


def speaks_to_an_abstract_socket():
    return _sent(1, 1, _address(1, b"\0" + _MARK.encode()))


def speaks_to_a_socket_in_a_folder():
    return _sent(1, 1, _address(1, f"{_TARGET}/socket".encode() + b"\0"))


def listens():
    handle = _socket(2, 1)
    _done(_libc.listen(handle, 5))
    _libc.close(handle)
    return "listens"


def opens_netlink():
    _libc.close(_socket(16, 3))
    return "made"


def pairs_sockets():
    pair = (ctypes.c_int * 2)()
    _done(_libc.socketpair(1, 1, 0, pair))
    return "made"


def forks():
    return _child(_sleep)


def leaves_a_daemon():
    def twice():
        _libc.setsid()
        if _libc.fork() == 0:
            _sleep()

    return _child(twice)


def runs_a_program():
    pid = _done(_libc.fork())
    if pid == 0:
        _libc.execl(b"/bin/true", b"/bin/true", None)
        _libc._exit(1)
    status = ctypes.c_int()
    _libc.waitpid(pid, ctypes.byref(status), 0)
    return "ran" if status.value == 0 else _done(-1)


def vforks():
    pid = _done(_libc.syscall(58))
    if pid == 0:
        _libc._exit(0)
    return f"process {pid}"


def may_signal_the_judge():
    return f"{_done(_libc.kill(_judge(), 0))}: it may"


def may_signal_the_zygote():
    return f"{_done(_libc.kill(_zygote(), 0))}: it may"


def may_signal_its_group():
    return f"{_done(_libc.kill(0, 0))}: it may"


def may_signal_all():
    return f"{_done(_libc.kill(-1, 0))}: it may"


def may_queue_a_signal():
    return f"{_done(_libc.sigqueue(_zygote(), 0, ctypes.c_void_p(0)))}: it may"


def signals_through_a_descriptor():
    read, write = os.pipe()
    try:
        _done(_libc.fcntl(read, 8, _zygote()))
    finally:
        os.close(read)
        os.close(write)
    return "it may"


def opens_a_handle_on_the_zygote():
    os.close(_done(_libc.syscall(434, _zygote(), 0)))
    return "open"


def leads_a_group():
    return f"group {_done(_libc.setpgid(0, 0))}"


def takes_all_cores():
    return f"{_done(_libc.sched_setaffinity(0, 8, bytes([255] * 8)))}: it may"


def takes_a_lower_priority():
    return f"{_done(_libc.setpriority(0, 0, 1))}: it may"


def keeps_memory_without_a_name():
    os.close(_done(_libc.memfd_create(_MARK.encode(), 0)))
    return "made"


def leaves_a_shared_segment():
    return f"segment {_done(_libc.shmget(int(_MARK[-6:], 16), 1 << 20, 0o1600))}"


def makes_semaphores():
    number = _done(_libc.semget(0, 1, 0o1600))
    _libc.semctl(number, 0, 0)
    return "made"


def makes_a_message_queue():
    number = _done(_libc.msgget(0, 0o1600))
    _libc.msgctl(number, 0, None)
    return "made"


def leaves_a_posix_queue():
    _done(_libc.mq_open(f"/{_MARK}".encode(), 0o102, 0o600, None))
    return "made"


def locks_memory():
    page = ctypes.create_string_buffer(4096)
    return f"{_done(_libc.mlock(page, 4096))}: locked"


def speaks_through_a_ring():
    os.close(_done(_libc.syscall(425, 4, ctypes.create_string_buffer(120))))
    return "made"


def changes_its_personality():
    return f"{_done(_libc.personality(0x0040000))}: changed"


def may_gain_privileges():
    return "yes" if _libc.prctl(39, 0, 0, 0, 0) == 0 else _done(-1)


def writes_to_the_kernel():
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return "open"


def has_capabilities():
    with open("/proc/self/status") as file:
        kept = next(line.split()[1] for line in file if line.startswith("CapEff"))
    return kept if int(kept, 16) else _done(-1)


def is_root():
    return "uid 0 of the machine" if os.stat("/proc/self").st_uid == 0 and _libc.setuid(0) == 0 else _done(-1)


# END


_said = []
for _name in [name for name, thing in list(globals().items()) if callable(thing) and not name.startswith("_")]:
    try:
        _said.append(f"ATTAINED {_name}: {str(globals()[_name]())[:80]}")
    except BaseException as _error:  # refused, in whatever way
        _said.append(f"REFUSED {_name}: {type(_error).__name__}: {str(_error)[:80]}")


def _again():
    while True:
        time.sleep(0.5)
        print("\n".join(_said))


print("\n".join(_said))
if "@LIVE@" == "yes":  # a live record has only what is said after the run began
    threading.Thread(target=_again, daemon=True).start()

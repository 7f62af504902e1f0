"""Processes of its own, signals, memory without a file, and what belongs to the kernel."""


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

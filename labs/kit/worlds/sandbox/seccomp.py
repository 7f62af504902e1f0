"""The system calls of a process that runs the repair: one table, and the filter that seccomp makes of it.

The table denies, it does not list what is allowed: a library that meets an unknown call must not fail because of us. The
numbers are those of the kernel's asm/unistd_64.h (x86-64) and asm-generic/unistd.h (aarch64); 0 means that there is no such
call (0 itself is `read` or `io_setup`, which nothing here denies).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Word = tuple[int, int, int, int]
"""One instruction of classic BPF: code, jump if true, jump if false, constant (linux/filter.h)."""

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NOTHING_DONE, EPERM, ENOSYS, EAFNOSUPPORT = ERRNO, ERRNO | 1, ERRNO | 38, ERRNO | 97

NO_REPAIR_NEEDS = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, pidfd_getfd 438 438, kcmp 312 272,
process_madvise 440 440, bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, mount 165 40, umount2 166 39,
pivot_root 155 41, chroot 161 51, setns 308 268, unshare 272 97, open_tree 428 428, open_tree_attr 467 467,
move_mount 429 429, fsopen 430 430, fsmount 432 432, fsconfig 431 431, fspick 433 433, mount_setattr 442 442,
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294,
reboot 169 142, swapon 167 224, swapoff 168 225, add_key 248 217, request_key 249 218, keyctl 250 219,
open_by_handle_at 304 265, name_to_handle_at 303 264, fanotify_init 300 262, iopl 172 0, ioperm 173 0, modify_ldt 154 0,
acct 163 89, quotactl 179 60, quotactl_fd 443 443, settimeofday 164 170, clock_settime 227 112, sethostname 170 161,
setdomainname 171 162, vhangup 153 58
"""
"""They end the process with SIGSYS: they look into other processes, or change the machine."""
ONLY_SEEMS_DONE = """
chmod 90 0, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 0, fchown 93 55, lchown 94 0, fchownat 260 54,
utime 132 0, utimes 235 0, futimesat 261 0, utimensat 280 88, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7,
setxattrat 463 463, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466,
file_setattr 469 469
"""
"""Answered with success, and not carried out: Landlock does not check the attributes of files, and shutil.copy needs it."""
DENIED = """
personality 135 92, syslog 103 116, sched_setscheduler 144 119, sched_setattr 314 274, sched_setparam 142 118,
shmget 29 194, shmat 30 196, msgget 68 186, semget 64 190, mq_open 240 180, memfd_create 319 279, memfd_secret 447 447,
mlock 149 228, mlock2 325 284, mlockall 151 230, sched_setaffinity 203 122, setpriority 141 140, ioprio_set 251 30,
migrate_pages 256 238, move_pages 279 239
"""
"""EPERM: memory that no limit counts, what outlives a process, another core or priority."""
ABSENT = "io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427"
"""ENOSYS: calls through a ring are seen by no filter."""
SOCKETS = """
socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242, sendto 44 206,
sendmsg 46 211, sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243
"""
"""EPERM in the simulated world, whose network is in the judge."""
PROCESSES = """
fork 57 0, vfork 58 0, execve 59 221, execveat 322 281, kill 62 129, tkill 200 130, rt_sigqueueinfo 129 138,
rt_tgsigqueueinfo 297 240, pidfd_open 434 434, pidfd_send_signal 424 424, process_mrelease 448 448, setsid 112 157,
setpgid 109 154
"""
"""EPERM in the simulated world: its hosts have no processes of their own, and may signal nobody."""

CLONE, CLONE3, TGKILL, SOCKET, PRLIMIT, FCNTL = (56, 220), (435, 435), (234, 131), (41, 198), (302, 261), (72, 25)
CLONE_THREAD, CLONE_NEW = 0x00010000, 0x7E020000
OWNER = (8, 15)
"""F_SETOWN and F_SETOWN_EX: with them a descriptor sends any signal to another process."""
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}
"""The column of the table, and the value of seccomp_data.arch."""
X32 = 0x40000000
"""From this number on, a call on x86-64 is one of the x32 ABI."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data; the low half of an argument


def program(machine: str, pid: int, *, sockets: Sequence[int] = (), processes: bool = False) -> tuple[Word, ...]:
    """The filter for the process `pid`, as instructions of classic BPF.

    Args:
        machine: as platform.machine() names it.
        sockets: the families of sockets that it may make, as a live service does; none denies all calls for sockets.
        processes: may it start programs and signal those that it sees?

    Raises:
        ValueError: there is no table for this machine.
    """
    if machine not in MACHINES:
        raise ValueError(f"no table of system calls for {machine!r}; expected one of {', '.join(MACHINES)}")
    column, arch = MACHINES[machine]
    words: list[Word] = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, KILL), (_LOAD, 0, 0, _NUMBER)]
    if column == 0:
        words += [(_AT_LEAST, 0, 1, X32), (_RETURN, 0, 0, KILL)]
    for calls, answer in (
        (NO_REPAIR_NEEDS, KILL),
        (ONLY_SEEMS_DONE, NOTHING_DONE),
        (ABSENT, ENOSYS),
        (DENIED, EPERM),
        ("" if sockets else SOCKETS, EPERM),
        ("" if processes else PROCESSES, EPERM),
    ):
        for number in numbers(calls, column):
            words += _if_called(number, [(_RETURN, 0, 0, answer)])
    words += _if_called(CLONE3[column], [(_RETURN, 0, 0, ENOSYS)])  # its flags are in memory; the C library then uses clone
    words += _if_called(CLONE[column], _clone(processes))
    words += _if_called(FCNTL[column], _by_argument(_SECOND, OWNER, EPERM, ALLOW))
    if sockets:
        words += _if_called(SOCKET[column], _by_argument(_FIRST, sockets, ALLOW, EAFNOSUPPORT))
    words += _if_called(PRLIMIT[column], _by_argument(_FIRST, (0, pid), ALLOW, EPERM))  # its own limits, not its judge's
    if not processes:
        words += _if_called(TGKILL[column], _by_argument(_FIRST, (pid,), ALLOW, EPERM))
    return (*words, (_RETURN, 0, 0, ALLOW))


def numbers(calls: str, column: int) -> Iterator[int]:
    """The numbers of the calls of a table on one machine."""
    for call in calls.split(","):
        if call.strip() and (number := int(call.split()[1 + column])):
            yield number


def _if_called(number: int, then: list[Word]) -> list[Word]:
    """If this is the call of that number: `then`, which ends with an answer."""
    return [(_EQUAL, 0, len(then), number), *then]


def _by_argument(offset: int, values: Sequence[int], answer: int, otherwise: int) -> list[Word]:
    """One answer if an argument has one of these values, and another otherwise."""
    tests = [(_EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
    return [(_LOAD, 0, 0, offset), *tests, (_RETURN, 0, 0, otherwise), (_RETURN, 0, 0, answer)]


def _clone(processes: bool) -> list[Word]:
    """Threads only, or processes as well; never a namespace."""
    words = [(_LOAD, 0, 0, _FIRST), (_ANY_BIT, 0, 1, CLONE_NEW), (_RETURN, 0, 0, KILL)]
    if not processes:
        words += [(_ANY_BIT, 1, 0, CLONE_THREAD), (_RETURN, 0, 0, EPERM)]
    return [*words, (_RETURN, 0, 0, ALLOW)]

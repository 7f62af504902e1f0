"""Attacks of a repair on the machine that grades it. The texts of this folder stand before a right repair, in a host.

Each public function of the other files attains something and says it in a few words, or raises: then it was refused. It runs
where the standard library's own sockets and processes are simulated, so it asks the C library. The test fills `@NAMES@` in.
"""

import ctypes
import os
import struct

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

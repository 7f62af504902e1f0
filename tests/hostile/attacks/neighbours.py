"""Other processes and their memory, and the network."""


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

"""The live world: the same lab on real processes, sockets and clocks.

    world.py    in the caller's process: starts the runner, gathers the record
    runner.py   a process of its own for each run: starts the others (processes.py), watches them, ends them
    restarts.py services that are killed, by a fault or at their memory limit, and started again
    orders.py   what is changed in a run while it goes on; steering.py gives the orders, from the caller's process
    service.py  one process a service; only those that run the repair ever load it
    proxy.py    one process: every link between services, its faults, its tap
    load.py     one process: the open-loop load

Everything is bound to loopback on port 0. Each child holds a pipe from its parent, and ends when that closes: whoever
dies, and however, the processes below go with it.
"""

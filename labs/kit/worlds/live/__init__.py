"""The live world: the same lab on real processes, sockets and clocks.

    world.py    in the caller's process: starts the runner, writes the record
    runner.py   one process per run: starts the others (processes.py), watches them, ends them
    restarts.py kills services, for a fault or at their memory limit, and starts them again
    orders.py   changes a run while it goes on; steering.py sends the orders, from the caller's process
    service.py  one process per service; only services with `runs_fix` ever load the repair
    proxy.py    one process: every link between services, its faults, its tap
    load.py     one process: the open-loop load

All sockets are bound to loopback on port 0. Each child holds a pipe from its parent, and ends when the pipe closes: if any
process dies, for any reason, its child processes end too.
"""

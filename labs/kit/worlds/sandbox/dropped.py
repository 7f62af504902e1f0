"""Become another user, for good, then run a module: `python -P -m labs.kit.worlds.sandbox.dropped UID MODULE [ARGUMENT]...`

For what root starts in a sandbox: until this point the process is root, with no privilege but that of changing its user.
"""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Drop the user of the first argument, and run the module of the second as the main program."""
    user, module = int(sys.argv[1]), sys.argv[2]
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)  # this clears all capabilities
    sys.argv[1:3] = []
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

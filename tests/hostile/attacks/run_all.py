"""Runs them all, before the repair."""

import threading
import time

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

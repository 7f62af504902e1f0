"""Run by each Python that JupyterLab of `breakfix start` starts, as PYTHONSTARTUP: a kernel says what to run first."""

import contextlib
import os
import sys

with contextlib.suppress(Exception):  # whatever is wrong here, the learner's kernel begins
    _theirs = os.environ.get("BREAKFIX_PYTHONSTARTUP", "")
    if _theirs and os.path.isfile(_theirs):
        with open(_theirs, encoding="utf-8") as _file:
            exec(compile(_file.read(), _theirs, "exec"))  # noqa: S102 - the user's own, as Python would
with contextlib.suppress(Exception):
    if "IPython" in sys.modules:
        from IPython import get_ipython as _get

        from labs.kit.notebook import first_cell as _first_cell

        if _get() is not None:
            _first_cell.install(_get())
for _name in ("_theirs", "_file", "_get", "_first_cell", "_name"):
    globals().pop(_name, None)

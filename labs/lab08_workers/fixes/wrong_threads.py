"""Threads in the place of processes: they share one interpreter lock, and so one core."""

LIKE = "right_lease"
LOSES = {"routes": "loop_held", "accepts": "loop_held", "knee": "one_interpreter", "kept": "in_the_request"}
LIVE_MAY_DIFFER = {
    "kept": "CPython hands its lock on less fairly than the simulated world, and orders wait longer to be taken in",
    "stops": "CPython hands its lock on less fairly than the simulated world, and orders wait longer to be taken in",
}
CHANGED = {
    """\
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor""": """\
from concurrent.futures import ThreadPoolExecutor""",
    "RENDERERS = 2  # the cores: more compute no faster": "RENDERERS = 4",
    "self.processes = ProcessPoolExecutor(RENDERERS)": "self.processes = ThreadPoolExecutor(RENDERERS)",
}

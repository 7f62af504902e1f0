"""Locust against the same server: headless, in a separate process, only on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata, util
from pathlib import Path

from labs.kit.worlds.live.world import environment

INSTALL = "not installed: pip install 'breakfix[honest]'"
COMMAND = ("-m", "locust", "--locustfile", "locustfile.py", "--headless", "--only-summary", "--loglevel", "ERROR")
STARTS_AND_ENDS_WITHIN_S = 60.0
# It ends itself: Locust's own --run-time counts from the start of its process, which loads for seconds on a busy machine.
LOCUSTFILE = """
import json
from pathlib import Path
import gevent
from locust import HttpUser, constant_throughput, events, task

runners = []

@events.init.add_listener
def remember(runner, **_):
    runners.append(runner)

class User(HttpUser):
    wait_time = constant_throughput({each})

    @task
    def ask(self):
        self.client.get("/")

@events.spawning_complete.add_listener
def begin(user_count, **_):
    gevent.spawn_later({seconds}, runners[0].quit)

@events.quitting.add_listener
def report(environment, **_):
    total = environment.stats.total
    said = [total.get_response_time_percentile(0.99), total.num_requests, total.num_failures]
    Path("said.json").write_text(json.dumps(said))
"""


def version() -> str | None:
    """The installed version of Locust; None if it is missing. It is not imported: it would patch this process."""
    return metadata.version("locust") if util.find_spec("locust") else None


def p99_ms(port: int, rate: float, users: int, seconds: float, while_running: Callable[[], object]) -> tuple[float, int]:
    """Locust's p99 in ms, and its number of requests. `while_running` is called after its start.

    Raises:
        RuntimeError: Locust failed, or some of its requests failed.
    """
    with tempfile.TemporaryDirectory(prefix="breakfix-bench-") as folder:
        Path(folder, "locustfile.py").write_text(LOCUSTFILE.format(each=rate / users, seconds=seconds))
        kept = {k: v for k, v in environment(folder).items() if not k.startswith("LOCUST")}
        command = [
            sys.executable, *COMMAND, "--host", f"http://127.0.0.1:{port}", "--users", str(users),
            "--spawn-rate", str(users),
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=folder, env=kept | {"HOME": folder},  # a ~/.locust.conf would change the measurement
            stdin=subprocess.DEVNULL,  # otherwise Locust reads the keyboard
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            while_running()
            _, complaints = process.communicate(timeout=seconds + STARTS_AND_ENDS_WITHIN_S)
        except RuntimeError as error:  # no request reached the server: only Locust can tell why
            process.kill()
            raise RuntimeError(f"Locust sent nothing; its last words: {_last(process.communicate()[1])}") from error
        finally:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()
        said = Path(folder, "said.json")
        if not said.exists():
            raise RuntimeError(f"Locust ended without a report; its last words: {_last(complaints)}")
        p99, requests, failures = json.loads(said.read_text())
    if failures or not requests:
        raise RuntimeError(f"of {requests} requests that Locust sent, {failures} failed: nothing was measured")
    return float(p99), requests


def _last(complaints: str) -> str:
    return complaints.strip().rpartition("\n")[2] or "none"

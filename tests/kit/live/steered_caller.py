"""Steers one live run in a thread, as a notebook's kernel does, for a test that kills it: `python -m` this module."""

from __future__ import annotations

import threading
from typing import Any

from labs.kit.model.lab import Fix
from labs.kit.worlds.live.steering import Steering
from labs.kit.worlds.live.world import run_live
from tests.kit.live.repairs import HEALTHY
from tests.kit.live.tiny import live_lab, scenario


def main() -> None:
    """One run of up to a minute."""
    lab, began = live_lab("fixed", runs_fix=True), threading.Event()

    def hear(message: dict[str, Any]) -> None:
        if "at" in message:
            began.set()

    steering = Steering(lab, scenario(1.0), 60.0, hear=hear)
    run = threading.Thread(target=run_live, args=(lab, Fix("healthy", HEALTHY), steering.scenario, 0, None, steering))
    run.start()
    began.wait()
    print("running", flush=True)
    run.join()


if __name__ == "__main__":
    main()

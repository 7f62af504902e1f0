"""What is said of a host that cannot go on, or that broke the protocol with its judge."""

from __future__ import annotations

import json

from labs.kit.model.names import FIX_FILE, NS
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated import wire


class HostFailed(Exception):
    """A host ended the run: `status` says how, `detail` is one sentence for the learner."""

    def __init__(self, status: Status, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def tampered(name: str, what: str) -> HostFailed:
    """The host of this name broke the rule that `what` names: that ends the run."""
    return HostFailed(Status.TAMPERED, f"The process of {name} broke the protocol with its judge: {what}.")


def plain(text: str) -> str:
    """A text from a host, cut to size, without terminal control characters and characters that would break a record."""
    return "".join(c if c.isprintable() else " " for c in text[:600])


def explain(name: str, kind: bytes, payload: bytes, run_time_ns: int) -> tuple[Status, str]:
    """The status and the sentence for a host that reports that it cannot go on."""
    text = plain(payload.decode("utf-8", "replace"))
    when = f"at t = {run_time_ns / NS:.2f} s"
    if kind == wire.UNSUPPORTED:
        can = "docs/simulated-world.md lists what it can"
        return Status.UNSUPPORTED, f"The repair calls {text}, which the simulated world cannot carry; {can}."
    if kind == wire.DEADLOCK:
        waiting = "every thread waits for another, and nothing will wake them"
        return Status.HUNG, f"Deadlock in {name} {when}: {waiting}. See {text}."
    if kind == wire.STUCK:
        return Status.HUNG, f"{name} hangs {when}: {text}."
    try:
        said = json.loads(payload[:8192])
        where = f" ({FIX_FILE}:{int(said['line'])})" if said.get("line") else ""
        return Status.CRASHED, f"{name} ended with {plain(str(said['error']))}{where}."
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Status.CRASHED, f"{name} ended with an error {when}."

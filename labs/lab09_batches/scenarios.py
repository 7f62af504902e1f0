"""What is asked of the scorer and of the night, and what goes wrong meanwhile; and the few numbers of lab09."""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import Any

import numpy as np

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab09_batches import model
from labs.lab09_batches.store import AFTER, ASIDE, BEFORE, Stall

LIMIT_MB = 110.0
"""Live: the memory limit of the pipeline's process, as a container would have it."""
ROOM_MB = 24.0
"""What a night may hold on top of what its process holds when it starts. The simulated world measures from there."""
LONE_EVERY_S = 2.0
RUSH_RATE, RUSH_S = 250.0, 4.0
HEALTH_EACH = 10
"""In `rush` and `reset`, so many requests apart one asks for the service's health."""
POISON_AT = {"rush": (120, 300), "reset": (20, 100)}
"""The first request whose record the model refuses, and how many apart the others are. None of them meets the reset."""
LEAVES_EACH = {"rush": 40, "reset": 5}
"""So many requests apart one comes from a caller who leaves after LEAVES_AFTER_S."""
LEAVES_AFTER_S = 0.015
BURST, CALM = Phase(2000.0, 0.03, "constant"), Phase(5.0, 2.2, "constant")
"""`reset` begins with a rush of ordinary callers at one moment, then nobody comes, then callers come alone."""
SILENCE_S = 1.3
BURST_CALLERS, CALM_CALLERS = 59, 10
"""How many requests these phases make, on every seed."""
CALM_ASKS = {2: "leaves", 4: "refused, leaves", 6: "refused, leaves", 8: "refused, leaves"}
"""What is special about those who come alone, see `asks`. The first two come just after the rush."""
BURST_ASKS = {30: "refused, meets the reset"}
"""What is special about those who come at one moment. What this one is told depends on the order of the calls."""
CROWD_FROM_S = BURST.seconds + SILENCE_S + CALM.seconds
RESET_RATE, RESET_S, RESET_AT_S, RESET_FOR_S = 40.0, 4.0, 1.5, 0.4
"""The crowd of `reset`, and when the model is reset, counted from its first moment."""
SMALL_S, NIGHT_S, KILLS_S, EVENING_S = 7.0, 22.0, 32.0, 10.0
"""How long a night lasts: at its end comes the morning. The evening is the first part of a night."""
KILL_AT_S = (1.9, 4.6, 8.0, 12.2)
STALL_S = 0.9
"""So long before each kill the disk stalls: the next commit waits, before or after it is durable, until the kill."""
ASIDE_S = 2.4
"""So long before the last of them only the next commit of a refused event waits; there is one in as many seconds."""
DONE_KILL_AT_S = 28.0
"""Once more the process is killed when a right night is through: what is started then finds nothing to do."""
DOWN_S = 0.4
NIGHT_RESET_S = ((6.0, 6.3),)

SETTINGS: dict[str, Any] = {"model": 7, "events": "", "stalls": (), "resets": (), "pairs_until": 0.0}
"""`pairs_until`: before that second the model is reset once more, at the call of one record that follows a refused batch."""


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: a record to score; in a rush also others, see `asks`."""
    name = rng.named("record", index)
    record = _record(rng.randbytes(model.VALUES))
    crowd = rng.settings.get("crowd", "")
    what = asks(crowd, index)
    if what == "health":
        return HttpRequest("GET", "/health", name, patience_s=2.0)
    if (pair := twins(crowd, index)) >= 0:
        record = _record(hashlib.shake_128(rng.named("twins", pair).encode()).digest(model.VALUES))
    body = spoiled(record, index) if "refused" in what else record.tobytes()
    return HttpRequest("POST", "/score", name, body, patience_s=LEAVES_AFTER_S if "leaves" in what else 2.0)


def asks(crowd: str, index: int) -> str:
    """What the i-th request of a crowd, "rush" or "reset", is: "health", or a "score".

    Some who ask for a score bring a record that the model "refused", some "leaves" at once, some are both.
    """
    if not crowd:
        return "score"
    if crowd == "reset":
        if index < BURST_CALLERS:
            return BURST_ASKS.get(index, "score")
        if index < BURST_CALLERS + CALM_CALLERS:
            return CALM_ASKS.get(index - BURST_CALLERS, "score")
        index -= BURST_CALLERS + CALM_CALLERS
    first, each = POISON_AT[crowd]
    if index % HEALTH_EACH == 3:
        return "health"
    if index >= first and (index - first) % each == 0:
        return "refused"
    if index % LEAVES_EACH[crowd] == 2:
        return "leaves"
    return "score"


def twins(crowd: str, index: int) -> int:
    """Which pair of callers of the rush with the same record the i-th request belongs to, -1 if to none.

    One of them leaves: the second of one pair, the first of the next one.
    """
    pair, place = divmod(index, LEAVES_EACH["rush"])
    return pair if crowd == "rush" and place in ((1, 2), (2, 4), (), ())[pair % 4] else -1


def _record(values: bytes) -> np.ndarray:
    return np.frombuffer(values, dtype=np.uint8).astype(np.float32)


def spoiled(record: np.ndarray, index: int) -> bytes:
    """A record that the model refuses: one is too short, the next one has a value that is not finite."""
    if index // 100 % 2:
        return record.tobytes()[:-4]
    changed = record.copy()
    changed[index % model.VALUES] = np.inf
    return changed.tobytes()


def lone(seconds: float) -> tuple[Phase, ...]:
    """One caller at a time, for so long."""
    return (Phase(1 / LONE_EVERY_S, seconds, "constant"),)


def a_night(name: str, events: str, seconds: float, version: int) -> Scenario:
    """A night without kills; now and then somebody asks for a single score."""
    settings = {**about_a_night(events, seconds, version), "pairs_until": seconds if name == "night" else 0.0}
    return Scenario(name, lone(seconds - 0.5), (), settings, settle_s=0.5)


def about_a_night(events: str, seconds: float, version: int, stalls: tuple[Stall, ...] = ()) -> dict[str, Any]:
    """The settings of a night. What it writes when the morning has come is too late, and never becomes durable."""
    late = (seconds, seconds + 60.0, BEFORE)
    return {**SETTINGS, "events": events, "model": version, "stalls": (*stalls, late)}


def kills(at_s: tuple[float, ...], version: int, flip: int = 0) -> Scenario:
    """The large file; the process is killed four times while a commit waits for the disk, and once when all is done."""
    *often, last = at_s
    stalls = tuple((at - STALL_S, at, (AFTER, BEFORE)[(number + flip) % 2]) for number, at in enumerate(often))
    stalls = (*stalls, (last - ASIDE_S, last, ASIDE))
    killed = tuple(faults.Kill(service="night", at_s=at, seconds=DOWN_S) for at in (*at_s, DONE_KILL_AT_S))
    settings = {**about_a_night("large", KILLS_S, version, stalls), "resets": NIGHT_RESET_S}
    return Scenario("kills", lone(KILLS_S - 0.5), killed, settings, settle_s=0.5)


def rush(rate: float = RUSH_RATE, version: int = 7) -> Scenario:
    """Callers enough for five calls of the model in the time of one."""
    return Scenario("rush", (Phase(rate, RUSH_S),), (), {**SETTINGS, "crowd": "rush", "model": version}, settle_s=1.0)


def reset(at_s: float = RESET_AT_S, version: int = 7) -> Scenario:
    """A rush, callers alone, a crowd. In the crowd the model is reset, and in the rush just after it refused a batch."""
    begins = CROWD_FROM_S + at_s
    resets = ((begins, begins + RESET_FOR_S),)
    settings = {**SETTINGS, "crowd": "reset", "resets": resets, "pairs_until": SILENCE_S, "model": version}
    load = (BURST, Phase(0.0, SILENCE_S), CALM, Phase(RESET_RATE, RESET_S))
    return Scenario("reset", load, (), settings, settle_s=1.0)


SCENARIOS = {
    "night": a_night("night", "large", NIGHT_S, 7),
    "evening": a_night("evening", "large", EVENING_S, 7),
    "small": a_night("small", "small", SMALL_S, 7),
    "kills": kills(KILL_AT_S, 7),
    "rush": rush(),
    "reset": reset(),
}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own model, rates, and moments to kill."""
    version = rng.randrange(8, 1_000_000)
    if scenario.name == "kills":
        return kills(tuple(round(at + rng.uniform(-0.4, 0.4), 3) for at in KILL_AT_S), version, rng.randrange(2))
    if scenario.name == "rush":
        return rush(rng.uniform(240, 260), version)
    if scenario.name == "reset":
        return reset(rng.uniform(1.2, 1.8), version)
    return scenario.with_(settings={"model": version})


def wrong(asked: HttpRequest, body: bytes, settings: Any) -> str:
    """What is wrong with an answer 2xx: a score that is not the record's, or one of a record that has none."""
    if asked.method == "GET":
        return ""
    if told := model.reason(asked.body):
        return f"a score, and {told}"
    right = int(model.matrix([asked.body])[0] @ model.weights(settings["model"]))
    found = json.loads(body)["score"]
    return "" if type(found) is int and found == right else f"the score {str(found)[:20]}; it is {right}"

"""What the town's customers ask for: three in five look at a page, two in five buy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labs.kit import Draws, HttpRequest

RATE = 20.0
"""Requests a second: half scale, for the bank takes 25 charges a second."""
BROWSE = 0.6
PATIENCE_S = 2.0
POPULAR, ALL_ITEMS = 20, 100_000
POPULAR_SHARE = 0.85


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: a page of an item, mostly of a popular one, or an order."""
    if rng.random() < BROWSE:
        item = rng.randrange(POPULAR) if rng.random() < POPULAR_SHARE else rng.randrange(ALL_ITEMS)
        return HttpRequest("GET", f"/pages/{item}", rng.named("page", index), patience_s=PATIENCE_S)
    name = rng.named("order", index)
    body = json.dumps({"id": name, "cents": rng.randrange(100, 10_000)})
    return HttpRequest("POST", "/orders", name, body.encode(), patience_s=PATIENCE_S)


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with an answer 2xx: a page shows its item, a confirmed order its own receipt."""
    told = json.loads(body)
    if request.method == "GET":
        return "" if told["item"] == int(request.path.rsplit("/", 1)[1]) else "the page of another item"
    return "" if told["order"] == request.request_id == told["receipt"]["order"] else "the receipt of another order"

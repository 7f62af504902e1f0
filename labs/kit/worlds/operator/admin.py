"""An operator's order to a service, as HTTP for its admin route (labs/kit/service/admin.py)."""

from __future__ import annotations

import json

from labs.kit.model.names import ADMIN_ROUTE
from labs.kit.model.runbook import Set


def order_bytes(order: Set) -> bytes:
    """The whole request for one setting; the service closes the connection after its answer."""
    body = json.dumps({"key": order.key, "value": order.value}).encode()
    head = f"POST {ADMIN_ROUTE} HTTP/1.1\r\nHost: {order.service}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("ascii") + body

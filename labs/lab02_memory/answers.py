"""What the load can tell of an answer. Whether a report is the current version of it is for the probe to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labs.kit import HttpRequest
from labs.lab02_memory.rendering import ledger_part, make_figures, page, render
from labs.lab02_memory.scenarios import wanted

_VERSION = re.compile(rb"Printed for [^\n]{1,200}\n[^,\n]{1,200}, version (\d{1,6}), ")


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with the answer to a visit, "" if nothing is."""
    want = wanted(request.path.rpartition("/")[2], settings)
    if want.size:
        return "" if body == ledger_part(want.name, want.start, want.size) else "another part of the ledger"
    found = _VERSION.match(body)
    if found is None:
        return "no report"
    right = page(render(make_figures(want.name, int(found[1]), settings["report_kb"]), want.options), request.request_id)
    if body == right:
        return ""
    return "another visitor's page" if body.split(b"\n", 1)[1] == right.split(b"\n", 1)[1] else "another report"

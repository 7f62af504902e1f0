"""The system around the repair: a linter that is asked over HTTP, and a review that asks it.

    editors (load) -> linter          review -> linter (twins, the course's own code, changes; or large files)

The linter runs the repair's `RULES` and `gate`, and gets text only. The review runs no repair, and knows which snippet is
which: what it was answered counts.
"""

from __future__ import annotations

import ast
import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, sampling
from labs.lab13_hazards import changes, sources, twins
from labs.lab13_hazards.scenarios import ASKS_S, TYPED_EVERY_S

MOST_ERRORS = 20
"""So many exceptions of the repair's rules are logged in one run."""
MOST_FINDINGS = 200
"""So many findings of one rule in one file are answered."""
MOST_LINES = 50
"""So many lines of one rule in one file of the course are told."""
MOST_STOPS = 10
"""So many findings that stop one change are told."""
WAITS_S = 60.0
A_LOOK_S = 2e-7
"""A colleague's rule takes so long to look at one node."""
AT_ONCE = 10
"""The review asks about so many snippets in one request."""


def linter(env: Env) -> web.Application:
    """POST /lint {"sources": [...]}: for each of them its findings. POST /gate {"before", "after"}: what stops the change.

    A finding is answered as [code, line, what to do, the line of fix.py that it came from, if "traced" is asked for].
    """
    fix = env.repair()
    rules, stops_at = dict(fix.RULES), fix.gate
    rule_at_s = env.settings.get("rule_at_s")
    logged = 0
    left_at = 0

    def watched(frame: FrameType, event: str, value: object) -> None:
        """Notes the line of the repair from which a rule yields or returns."""
        nonlocal left_at
        if event == "return" and frame.f_code.co_filename == names.FIX_FILE:
            left_at = frame.f_lineno

    def failed(error: Exception) -> str:
        nonlocal logged
        logged += 1
        if logged <= MOST_ERRORS:
            env.signals.log.error("a rule raised", error_type=type(error).__name__, exc_info=error)
        return type(error).__name__

    def findings(source: str, traced: bool) -> dict[str, Any]:
        found: list[tuple[str, int, str, int]] = []
        errors: list[str] = []
        tree = ast.parse(source)
        if rule_at_s is not None and env.signals.now() >= rule_at_s:
            time.sleep(_walks_in_walk_s(tree))
        for code, rule in rules.items():
            try:
                for count, (line, told) in enumerate(_watching(rule(tree), watched if traced else None)):
                    if count < MOST_FINDINGS:
                        found.append((str(code), int(line), str(told)[:200], left_at))
            except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
                errors.append(f"{code}: {failed(error)}")
        return {"findings": found, "errors": errors}

    async def lint(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        return web.json_response([findings(source, bool(asked.get("traced"))) for source in asked["sources"]])

    async def gate(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        try:
            stops = [(str(f.path), int(f.line), str(f.code)) for f in stops_at(asked["before"], asked["after"])]
        except Exception as error:  # noqa: BLE001 - it is told as no answer
            return web.json_response({"error": failed(error)})
        return web.json_response({"stops": stops})

    return application(
        web.post("/lint", lint), web.post("/gate", gate), client_max_size=2**24,
        background=[lambda: sampling.report_loop_lag(env.signals)],
    )  # fmt: skip


def _walks_in_walk_s(tree: ast.AST) -> float:
    """How long a rule takes that walks the whole tree for each function in it."""
    nodes = list(ast.walk(tree))
    return A_LOOK_S * len(nodes) * sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes)


def _watching(found: Any, watched: Callable[[FrameType, str, object], None] | None) -> Iterator[Any]:
    """The items of `found`, while the profiler watches the repair's own code."""
    items = iter(found)
    while True:
        sys.setprofile(watched)
        try:
            item = next(items, None)
        finally:
            sys.setprofile(None)
        if item is None:
            return
        yield item


def review(env: Env) -> web.Application:
    """Ask the linter about everything, and tell what it answered.

    Events: "piece" (pair, half and variant of a snippet; the findings in it), "clause" (its number and half; did its rule
    find something), "snippet" (its name; what it is, and where its rule found something), "course" (a file; its findings),
    "change" (its name; what the gate stopped, and what it brings), "large" (a file's name; what went wrong), and
    "review end".
    """
    rng = random.Random(f"{env.seed} {env.secret} review")
    session: aiohttp.ClientSession

    async def ask(what: str, **question: Any) -> Any:
        try:
            async with session.post(env.urls["linter"] + what, json=question) as response:
                return await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def lint(some: Sequence[str], traced: bool = False) -> list[dict[str, Any]]:
        answers = await ask("/lint", sources=some, traced=traced)
        return answers or [{"findings": [], "errors": ["no answer"]}] * len(some)

    async def ask_about_twins() -> None:
        asked = twins.modules(rng)
        for at in range(0, len(asked), AT_ONCE):
            some = asked[at : at + AT_ONCE]
            for module, answer in zip(some, await lint([one.source for one in some], traced=True), strict=True):
                for subject, inside in told_of(module, answer["findings"]):
                    env.signals.event("piece", subject, json.dumps(inside))

    async def ask_about_clauses() -> None:
        halves = twins.clause_halves(rng)
        for at in range(0, len(halves), AT_ONCE):
            some = halves[at : at + AT_ONCE]
            for (number, bad, _), answer in zip(some, await lint([source for *_, source in some]), strict=True):
                found = any(row[0] == twins.CLAUSES[number].code for row in answer["findings"])
                env.signals.event("clause", f"{number} {'bad' if bad else 'good'}", json.dumps(found))

    async def ask_about_writings() -> None:
        written = twins.writings(rng)
        for at in range(0, len(written), AT_ONCE):
            some = written[at : at + AT_ONCE]
            for count, ((pair, bad, source), answer) in enumerate(
                zip(some, await lint([source for *_, source in some]), strict=True)
            ):
                lines = [row[1] for row in answer["findings"] if row[0] == twins.PAIRS[pair].code]
                told = {"pair": pair, "bad": bad, "source": source, "lines": lines[:MOST_LINES]}
                env.signals.event("snippet", env.named("snippet", at + count), json.dumps(told))

    async def type_on(functions: int) -> None:
        source, at_s = sources.long_module(rng, functions), ASKS_S
        while True:
            await lint([source])
            at_s += TYPED_EVERY_S
            await env.until(at_s)

    async def ask_about_course(files: Mapping[str, str]) -> None:
        for path, answer in zip(files, await lint(list(files.values())), strict=True):
            lines = {code: sorted({row[1] for row in answer["findings"] if row[0] == code}) for code in twins.CODES}
            env.signals.event("course", path, json.dumps({code: some[:MOST_LINES] for code, some in lines.items()}))

    async def ask_about_changes() -> None:
        for change in changes.changes(rng):
            answer = await ask("/gate", before=dict(change.before), after=dict(change.after)) or {"error": "no answer"}
            told = {
                "error": answer.get("error", ""),
                "stops": [change.place(*one) for one in answer.get("stops", ())][:MOST_STOPS],
            }
            brings = change.place(*change.brings) if change.brings else None
            env.signals.event("change", change.name, json.dumps({**told, "brings": brings}))

    async def ask_about_sources() -> None:
        for name, source in sources.all_of(rng):
            began = asyncio.get_running_loop().time()
            [answer] = await lint([source])
            took_s = asyncio.get_running_loop().time() - began
            env.signals.event("large", name, json.dumps({"errors": answer["errors"][:4], "seconds": round(took_s, 4)}))

    async def run() -> None:
        nonlocal session
        await env.until(ASKS_S)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAITS_S)) as session:
            if env.settings["review"]:
                await ask_about_twins()
                await ask_about_clauses()
                await ask_about_changes()
            if env.settings.get("typed"):
                await type_on(env.settings["typed"])
            if env.settings.get("renamed"):
                await ask_about_writings()
            elif env.settings["course"]:
                await ask_about_course(env.settings["course"])
            else:
                await ask_about_sources()
        env.signals.event("review end", "")

    return application(background=[run])


def told_of(module: twins.Module, findings: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    """What the review tells of one module: of each piece, the first finding of each rule in it: its line in the piece, and
    the line of fix.py."""
    for piece in module.pieces:
        mine = [row for row in reversed(findings) if piece.first <= row[1] <= piece.last and row[0] in twins.CODES]
        inside = {row[0]: (row[1] - piece.first + 1, row[3]) for row in mine}
        if inside or piece.pair >= 0:
            yield f"{piece.pair} {'bad' if piece.bad else 'good'} {module.variant}", inside

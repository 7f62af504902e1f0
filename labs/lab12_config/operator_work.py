"""The operator: writes files, good and bad, as each scenario has it, and looks at what the shop makes of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application
from labs.lab12_config.offered import AGAIN, BAD, CHANGED, edge, mixed, shuffled, text, values
from labs.lab12_config.scenarios import (
    BACK_AT_S,
    BACK_ORDERS_AT_S,
    BAD_STAGE,
    CHANGES,
    COUNTED,
    COUNTED_AT_ONCE,
    COUNTED_USERS,
    CROWD,
    DROPPED,
    EARLY_S,
    EXPIRE_AT_S,
    EXPIRE_S,
    FIRST,
    FIRST_DROPPED,
    FIRST_HELD,
    FIRST_PROBE,
    FIRST_REFUSED,
    GIFT,
    HALF_STAGE,
    HELD_AT_S,
    HELD_ORDERS,
    KILLED_IN,
    LOOK_S,
    NEW_LIMIT,
    NEW_TIMEOUT_S,
    ODD_EVERY,
    PLAN,
    PROBE_EVERY_S,
    QUIET_AT_S,
    QUIET_EVERY_S,
    QUIET_FILES,
    QUIET_ORDERS,
    REFUSED_FILES,
    RELOADS_AT_S,
    SAME_VERSION,
    SEAM_AT_S,
    SEAM_LIMIT,
    SEAM_TIMEOUT_S,
    SHORTER_AT_S,
    SHORTER_S,
    SLOT_S,
    SOON,
    SOON_BAD_S,
    SOON_KILLED_S,
    STAGE_S,
    STAGED_AT_S,
    STAGES,
    TWINS,
    USERS,
    WRITTEN_AT_S,
    cents_of,
)
from labs.lab12_config.service import BEHIND

LOOKS_EVERY_S = 0.25
NAMED = {"torn": "torn", "missing": "no file", "directory": "a directory"}
"""Which of the bad files a step of PLAN means that is none of the drawn ones."""


class Operator:
    """Writes the files, and looks at what the shop makes of them. All that it sees is in its log."""

    def __init__(self, env: Env, session: aiohttp.ClientSession) -> None:
        self.env, self.session = env, session
        self.url = env.urls["shop"]
        self.log = env.signals.log
        self.numbers = itertools.count(FIRST_PROBE)
        self.versions = itertools.count(1)
        self.written = FIRST
        self.disk = [(FIRST, 0.0)]

    def version(self) -> str:
        """The name of the next version; nobody can know it before it is written."""
        return self.env.named("config", next(self.versions))

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """What the shop answers: its status, 0 for none, and the JSON in its body."""
        return await self.ask("POST", path, json=body)

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """The same for any request."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with self.session.request(method, self.url + path, **options) as answer:
                return answer.status, await answer.json(content_type=None)
        return 0, None

    async def put(self, version: str, data: bytes, how: str = "replace", torn_s: float = 0.0) -> None:
        """Write a file, good or bad."""
        if version:
            self.disk.append((version, self.env.signals.now()))
        body = {"how": how, "data": data.decode("latin-1"), "torn_s": torn_s}
        async with self.session.post(f"{self.url}/agent", json=body) as answer:
            answer.raise_for_status()

    async def offer(self, content: dict[str, Any], how: str = "replace", torn_s: float = 0.0) -> None:
        """Write a good file, and remember what stands in it."""
        self.log.info("offered", version=content["version"], how=how, content=content)
        await self.put(content["version"], text(content), how, torn_s)
        self.written = content["version"]

    async def order(self, number: int | None = None, event: str = "order") -> dict[str, Any]:
        """Order once; the status, how long it took, the version in the answer, and what is wrong with the answer."""
        name = self.env.named("order", next(self.numbers) if number is None else number)
        cents, began = cents_of(name), self.env.signals.now()
        status, answer = await self.post("/orders", {"id": name, "cents": cents})
        seen: dict[str, Any] = {"status": status, "took_s": self.env.signals.now() - began, "version": "", "wrong": ""}
        if status == 200:
            try:
                seen |= {"version": str(answer["version"])[:80], "wrong": mixed(answer, cents)}
            except (KeyError, TypeError, ValueError) as error:
                seen["wrong"] = f"{type(error).__name__}: {error}"[:80]
        self.log.info(event, request_id=name, **seen)
        return seen

    async def crowd(self, many: int, event: str) -> list[dict[str, Any]]:
        """Order many times at once."""
        return await asyncio.gather(*(self.order(event=event) for _ in range(many)))

    async def has(self, flag: str, users: Sequence[str]) -> str:
        """Which of these users have a feature, a 0 or 1 each; "" if nobody answers."""
        code, answer = await self.post("/flags", {"flag": flag, "users": users})
        return "".join("01"[one is True] for one in answer) if code == 200 and isinstance(answer, list) else ""

    async def status(self) -> dict[str, Any]:
        """What the shop says of itself: version, refused, reason."""
        code, said = await self.ask("GET", "/status")
        said = said if code == 200 and isinstance(said, dict) else {}
        refused = said.get("refused")
        return {
            "version": str(said.get("version", ""))[:80], "refused": refused if isinstance(refused, int) else -1,
            "reason": str(said.get("reason", ""))[:2_000],
        }  # fmt: skip

    async def process(self) -> str:
        """Which process answers; "" if none does."""
        code, said = await self.ask("GET", "/process")
        return str(said["process"]) if code == 200 else ""

    async def watch(self) -> None:
        """How old is the oldest file that was written after the one in force?"""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            version = (await self.status())["version"]
            behind = 0.0
            for known, at in reversed(self.disk):
                if known == version:
                    break
                behind = self.env.signals.now() - at
            self.env.signals.sample(BEHIND, behind)


def operator(env: Env) -> web.Application:
    """Plays the script of the scenario."""
    me: Operator

    async def play() -> None:
        await env.until(0)
        await SCRIPTS[env.settings["script"]](env, me)

    async def watch() -> None:
        await env.until(0)
        await me.watch()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal me
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=8.0)) as session:
            me = Operator(env, session)
            yield

    return application(lifespan=lifespan, background=[play, watch])


async def incident(env: Env, me: Operator) -> None:
    """One new file; after the load more orders at once than may call, to a bank that answers nobody."""
    await env.until(WRITTEN_AT_S)
    await me.offer(values(me.version(), limit=NEW_LIMIT, timeout_s=NEW_TIMEOUT_S))
    await env.until(HELD_AT_S)
    await me.crowd(HELD_ORDERS, "held")


async def watched(env: Env, me: Operator) -> None:
    """A day on which an alert rule is tried: a file, the first one put back, or neither."""
    if not env.settings["written_at_s"]:
        return
    await env.until(env.settings["written_at_s"])
    await me.offer(values(me.version()))
    if env.settings["back_after_s"]:
        await env.until(env.settings["written_at_s"] + env.settings["back_after_s"])
        await me.put(FIRST, text(values(FIRST, flags={})))


async def reloads(env: Env, me: Operator) -> None:
    """File after file, each second one in place; orders meanwhile, and which process answers."""
    many, every_s, torn_s = env.settings["reloads"]
    rng = Random(f"reloads {env.seed}")
    process = await me.process()
    async with asyncio.TaskGroup() as tasks:

        async def write() -> None:
            for number in range(many):
                await env.until(RELOADS_AT_S + (number + rng.uniform(0, 0.4)) * every_s)
                content = values(me.version(), limit=rng.randrange(12, 33), timeout_s=round(rng.uniform(1.5, 3.0), 2))
                await me.offer(content, "rewrite" if number % 2 else "replace", torn_s)

        async def look() -> None:
            until_s = RELOADS_AT_S + many * every_s
            while env.signals.now() < until_s:
                begun = env.signals.now()
                await asyncio.gather(*(me.order() for _ in range(env.settings["orders"])))
                await env.until(begun + PROBE_EVERY_S)

        tasks.create_task(write())
        tasks.create_task(look())
    await asyncio.sleep(LOOK_S)
    began, seen = env.signals.now(), await me.order()
    while seen["version"] != me.written and env.signals.now() < began + env.settings["late_s"]:
        await asyncio.sleep(0.1)
        seen = await me.order()
    me.log.info("last", written=me.written, same_process=bool(process) and process == await me.process(), **seen)
    if env.settings["seam"]:
        await seams(env, me)


async def seams(env: Env, me: Operator) -> None:
    """One version ends and the next begins: while calls of the old one are under way, and while none is."""
    await env.until(SEAM_AT_S)
    content = values(me.version(), limit=SEAM_LIMIT, timeout_s=SEAM_TIMEOUT_S)
    await me.put("", text(content), "prepare")
    await me.offer(content)
    async with asyncio.TaskGroup() as tasks:
        await env.until(SHORTER_AT_S)
        tasks.create_task(me.crowd(3, "cut"))
        await env.until(SHORTER_AT_S + 0.05)
        await me.offer(values(me.version(), limit=SEAM_LIMIT, timeout_s=SHORTER_S))
        await env.until(BACK_AT_S)
        await me.offer(content, "put back")
    await env.until(BACK_ORDERS_AT_S)
    await me.crowd(3, "back")
    await env.until(EXPIRE_AT_S)
    await me.offer(values(me.version(), timeout_s=EXPIRE_S))
    async with asyncio.TaskGroup() as tasks:
        await env.until(EXPIRE_AT_S + LOOK_S)
        tasks.create_task(me.crowd(3, "expired"))
        await env.until(EXPIRE_AT_S + LOOK_S + 0.05)
        await me.offer(values(me.version()))
    for number in range(QUIET_FILES + REFUSED_FILES):
        await env.until(QUIET_AT_S + number * QUIET_EVERY_S)
        await me.offer(values(me.version()))
        await env.until(QUIET_AT_S + number * QUIET_EVERY_S + LOOK_S)
        await me.crowd(QUIET_ORDERS, "quiet")
        if number < DROPPED:
            await me.order(FIRST_DROPPED + number, "dropped")
        elif number >= QUIET_FILES:
            await me.order(FIRST_REFUSED + number - QUIET_FILES, "refused")


async def bad(env: Env, me: Operator) -> None:
    """Play PLAN, with the bad files in an order of this run; good ones have values at the ends of what is allowed."""
    drawn = shuffled(f"{env.secret} bad {env.seed}")
    goods = [edge(me.version(), number) for number in range(PLAN.count("good"))]
    rng, kind, offered, number = Random(f"{env.secret} bad at {env.seed}"), "", "", -1
    async with asyncio.TaskGroup() as tasks:
        for slot, step in enumerate(PLAN):
            at_s = slot * SLOT_S
            await env.until(at_s + rng.uniform(0, EARLY_S))
            before, killed = await me.status(), slot in KILLED_IN
            if step == "rest":
                continue
            if step == "good":
                number += 1
                kind, offered = "good", goods[number]["version"]
                await good_file(me, goods, number)
            elif step == "same":
                kind, offered = AGAIN, goods[number]["version"]
                await me.offer(goods[number])
            elif step in CHANGES:
                goods[number] |= CHANGES[step]
                kind, offered = CHANGED, goods[number]["version"]
                await me.offer(goods[number])
            elif step in SOON:
                tasks.create_task(soon(env, me, at_s, slot))
                continue
            elif step == "kill":
                await settled(me, slot)
            else:
                one = drawn.pop() if step == "bad" else next(one for one in BAD if one.kind == NAMED[step])
                kind, offered = one.kind, me.version()
                data = one.make(values(offered if step == "bad" else "config-torn"))
                await me.put(offered, data, one.how)
            await env.until(at_s + EARLY_S + LOOK_S)
            after, seen = await me.status(), await me.order()
            me.log.info(
                "looked", kind=kind, offered=offered, last_good=me.written, said=after, refused_before=before["refused"],
                killed=killed, **seen,
            )  # fmt: skip
            if killed:
                tasks.create_task(settled(me, slot, after=True))


async def settled(me: Operator, slot: int, after: bool = False) -> None:
    """What is in force before or after a kill: version, limit, timeout and flags."""
    began = me.env.signals.now()
    held = me.order(FIRST_HELD + 2 * slot + after, "held")
    late, *others = await asyncio.gather(held, *(me.order(event="crowd") for _ in range(CROWD)))
    users = [me.env.named("user", number) for number in range(40)]
    has = await me.has("gift", users[:1]) + await me.has("express", users)
    seen = {"began": began, "ended": me.env.signals.now(), "held_s": late["took_s"], "has": has, **others[0]}
    me.log.info("settled", slot=slot, after=after, **seen)


async def soon(env: Env, me: Operator, at_s: float, slot: int) -> None:
    """A good file, soon a bad one, and soon a kill: which version was in force before it, and which is after it?

    Of "down" the good file comes while the process is down.
    """
    content = values(me.version())
    if PLAN[slot] != "down":
        await me.offer(content)
        await env.until(at_s + SOON_BAD_S)
        await me.put(me.version(), b"{")
    await env.until(at_s + SOON_KILLED_S - 0.2)
    me.log.info("settled", slot=slot, after=False, **await me.order())
    if PLAN[slot] == "tear":
        await me.put("", b"", "tear")
    elif PLAN[slot] == "down":
        await me.offer(content, "down")
    await env.until(at_s + SLOT_S + EARLY_S + LOOK_S)
    me.log.info("settled", slot=slot, after=True, last_good=me.written, **await me.order())


async def good_file(me: Operator, goods: list[dict[str, Any]], number: int) -> None:
    """Write the good file of this number in one of three ways; the third is put back: it is older than the one before."""
    if number % 3 == 0:
        await me.offer(goods[number], "rewrite", 0.05)
    elif number % 3 == 1:
        if number + 1 < len(goods):
            await me.put("", text(goods[number + 1]), "prepare")
        await me.offer(goods[number])
    else:
        await me.offer(goods[number], "put back")


async def flags(env: Env, me: Operator) -> None:
    """Stage after stage; each time the same users are asked for."""
    users = [user_of(env.named("user", number), number) for number in range(USERS)]
    version = ""
    rng = Random(f"{env.secret} flags at {env.seed}")
    for stage, express in enumerate(STAGES):
        await env.until(STAGED_AT_S + stage * STAGE_S + rng.uniform(0, EARLY_S))
        others = {name: {"on": True, "percent": COUNTED.get(name, GIFT)} for name in (*TWINS, *COUNTED)}
        if express is BAD_STAGE:
            await me.put(me.version(), b"{")
        else:
            version = version if stage == SAME_VERSION else me.version()
            content = values(version, flags=others if express is None else others | {"express": express})
            await me.offer(content, "rewrite" if stage % 2 else "replace", 0.02)
        await env.until(STAGED_AT_S + stage * STAGE_S + EARLY_S + LOOK_S)
        for flag in ("express", "gift", "express"):
            me.log.info("flags", stage=stage, flag=flag, yes=await me.has(flag, users))
        if stage == HALF_STAGE:
            for flag in TWINS[1:]:
                me.log.info("flags", stage=stage, flag=flag, yes=await me.has(flag, users))
    for flag in COUNTED:
        many = [env.named("user", number) for number in range(COUNTED_USERS)]
        yes = [await me.has(flag, many[at : at + COUNTED_AT_ONCE]) for at in range(0, COUNTED_USERS, COUNTED_AT_ONCE)]
        me.log.info("counted", flag=flag, asked=sum(map(len, yes)), many="".join(yes).count("1"))


def user_of(name: str, number: int) -> str:
    """The name of a user; that of each ODD_EVERY-th is written in Cyrillic letters."""
    return name if number % ODD_EVERY else "".join(chr(0x430 + ord(letter) % 32) for letter in name)


SCRIPTS = {"incident": incident, "reloads": reloads, "bad": bad, "flags": flags, "watched": watched}

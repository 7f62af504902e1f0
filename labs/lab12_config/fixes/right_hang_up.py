"""Nothing is polled: SIGHUP says that there is a new file. Old sessions are closed when their timeout is over."""

import asyncio
import hashlib
import json
import os
import signal

import aiohttp

SHAPE = {
    "version": (str, lambda v: 0 < len(v) <= 64),
    "limit": (int, lambda v: 1 <= v <= 64),
    "timeout_s": ((int, float), lambda v: 0.05 <= v <= 5),
    "fee_cents": (int, lambda v: 0 <= v <= 10_000),
    "currency": (str, lambda v: v in ("EUR", "USD", "GBP")),
    "flags": (dict, lambda v: True),
}
FLAG = {"on": (bool, lambda v: True), "percent": (int, lambda v: 0 <= v <= 100)}


def check(content, shape: dict, where: str) -> None:
    """Raises ValueError."""
    if type(content) is not dict:
        raise ValueError(f"{where} is {type(content).__name__}, not an object")
    for name in shape.keys() | content.keys():
        if name not in shape or name not in content:
            raise ValueError(f"{where}: {name} is {'missing' if name in shape else 'unknown'}")
        kinds, allowed = shape[name]
        if type(content[name]) not in (kinds if type(kinds) is tuple else (kinds,)) or not allowed(content[name]):
            raise ValueError(f"{where}: {name} is {content[name]!r}")


def single(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"twice in {names}")
    return dict(pairs)


def load(path: str) -> tuple[dict, bytes]:
    with open(path, "rb") as file:
        data = file.read()
    content = json.loads(str(data, "utf-8"), object_pairs_hook=single)
    check(content, SHAPE, "configuration")
    for name, flag in content["flags"].items():
        check(flag, FLAG, f"flag {name}")
    return content, data


class Door:
    """One for all versions: so many are inside, the others stand in line."""

    def __init__(self) -> None:
        self.limit = self.inside = 0
        self.line: list[asyncio.Future] = []

    def open(self) -> None:
        while self.line and self.inside < self.limit:
            turn = self.line.pop(0)
            if not turn.done():
                turn.set_result(None)
                self.inside += 1

    async def enter(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self.line.append(turn)
        self.open()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self.inside -= 1
        self.open()


class Live:
    """One version and its session."""

    def __init__(self, content: dict) -> None:
        self.content = content
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )


class Shop:
    """Takes orders, and charges each at the bank."""

    def __init__(self, path: str, bank: str, log) -> None:
        self.path, self.bank, self.log = path, bank, log
        self.refused, self.reason = 0, ""
        self.closing: set = set()
        self.door = Door()

    async def start(self) -> None:
        try:
            content, data = load(self.path)
            self.keep(data)
        except Exception as error:
            self.refused, self.reason = 1, str(error) or type(error).__name__
            content, _ = load(self.path + ".bak")
        self.live, self.door.limit = Live(content), content["limit"]
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)

    async def stop(self) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        for task in self.closing:
            task.cancel()
        await asyncio.gather(*self.closing, return_exceptions=True)
        await self.live.session.close()

    def keep(self, data: bytes) -> None:
        with open(self.path + ".bak.new", "wb") as file:
            file.write(data)
        os.rename(self.path + ".bak.new", self.path + ".bak")

    def reload(self) -> None:
        try:
            content, data = load(self.path)
        except Exception as error:
            self.refused += 1
            self.reason = str(error) or type(error).__name__
            self.log.error("refused", version=self.live.content["version"], reason=self.reason)
            return
        self.reason = ""
        self.keep(data)
        old, self.live = self.live, Live(content)
        self.door.limit = content["limit"]
        self.door.open()
        task = asyncio.create_task(self.close(old))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    async def close(self, old: Live) -> None:
        try:
            await asyncio.sleep(old.content["timeout_s"] + 0.1)  # by then its last order is over
        finally:
            await old.session.close()

    async def order(self, order: dict) -> dict:
        live = self.live
        content = live.content
        self.log.info("charging", request_id=order["id"], version=content["version"])
        debit = {"order": order["id"], "cents": order["cents"] + content["fee_cents"], "currency": content["currency"]}
        headers = {"X-Request-Id": order["id"]}
        async with asyncio.timeout(content["timeout_s"]):
            await self.door.enter()
            try:
                async with live.session.post(self.bank + "/debit", json=debit, headers=headers) as response:
                    response.raise_for_status()
                    receipt = await response.json()
            finally:
                self.door.leave()
        self.log.info("charged", request_id=order["id"], version=content["version"])
        told = {name: content[name] for name in ("version", "fee_cents", "currency")}
        return {"order": order["id"], **told, "receipt": receipt}

    def enabled(self, flag: str, user: str) -> bool:
        found = self.live.content["flags"].get(flag, {"on": False})
        if not found["on"]:
            return False
        digest = hashlib.md5(f"{flag}\n{user}".encode(), usedforsecurity=False).hexdigest()
        return int(digest[:12], 16) % 100 < found["percent"]

    def status(self) -> dict:
        return {"version": self.live.content["version"], "refused": self.refused, "reason": self.reason}

"""One session for good, and one semaphore whose places become more or fewer: nothing of a version has to be closed."""

import asyncio
import contextlib
import json
import os
import zlib
from typing import NamedTuple

import aiohttp

EVERY_S = 0.25


class Bad(ValueError):
    """The file is no configuration; the message says why."""


class Flag(NamedTuple):
    on: bool
    percent: int


class Version(NamedTuple):
    """All that an order needs, and nothing that changes."""

    name: str
    fee_cents: int
    currency: str
    timeout_s: float
    flags: dict


class Places:
    """As many places at the bank as the file says. When they become fewer, the next to come or go give some up."""

    def __init__(self) -> None:
        self.free, self.size, self.owed = asyncio.Semaphore(0), 0, 0

    def resize(self, size: int) -> None:
        self.size, self.owed = size, self.owed + self.size - size
        while self.owed < 0:
            self.owed += 1
            self.free.release()

    async def __aenter__(self) -> None:
        await self.free.acquire()
        while self.owed > 0:
            self.owed -= 1
            await self.free.acquire()

    async def __aexit__(self, *error) -> None:
        if self.owed > 0:
            self.owed -= 1
        else:
            self.free.release()


def number(name: str, kinds: tuple, low: float, high: float):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise Bad(f"{name}: {value!r} is not from {low} to {high}")
        return value

    return check


def text(name: str, choices: tuple = ()):
    def check(value):
        if not isinstance(value, str) or not 0 < len(value) <= 64 or (choices and value not in choices):
            raise Bad(f"{name}: {value!r} is not allowed")
        return value

    return check


def boolean(name: str):
    def check(value):
        if value is not True and value is not False:
            raise Bad(f"{name}: {value!r} is neither true nor false")
        return value

    return check


def flags(value) -> dict:
    if not isinstance(value, dict):
        raise Bad("flags: not an object")
    rules = {"on": boolean("flags.on"), "percent": number("flags.percent", (int,), 0, 100)}
    return {name: Flag(**checked(flag, rules, f"flags.{name}")) for name, flag in value.items()}


RULES = {
    "version": text("version"),
    "limit": number("limit", (int,), 1, 64),
    "timeout_s": number("timeout_s", (int, float), 0.05, 5),
    "fee_cents": number("fee_cents", (int,), 0, 10_000),
    "currency": text("currency", ("EUR", "USD", "GBP")),
    "flags": flags,
}


def checked(content, rules: dict, where: str) -> dict:
    if not isinstance(content, dict):
        raise Bad(f"{where}: not an object")
    if odd := sorted(content.keys() ^ rules.keys()):
        raise Bad(f"{where}: {', '.join(odd)} missing or unknown")
    return {name: rule(content[name]) for name, rule in rules.items()}


def unique(pairs: list) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Bad(f"a key stands there twice, of: {', '.join(key for key, _ in pairs)}")
    return found


class Shop:
    """Takes orders, and charges each at the bank."""

    def __init__(self, path: str, bank: str, log) -> None:
        self.path, self.bank, self.log = path, bank, log
        self.good, self.kept = None, f"{path}.last"
        self.digest, self.refused, self.reason = None, 0, ""
        self.places = Places()

    async def start(self) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )
        self.look(self.path)
        if self.good is None:
            self.look(self.kept, mine=True)
        if self.good is None:
            await self.session.close()
            raise Bad(self.reason)
        self.watcher = asyncio.create_task(self.watch())

    async def stop(self) -> None:
        self.watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.watcher
        await self.session.close()

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.look(self.path)

    def look(self, path: str, mine: bool = False) -> None:
        data = None
        try:
            with open(path, "rb") as file:
                data = file.read()
            if zlib.crc32(data) == self.digest:
                return
            values = checked(json.loads(data.decode(), object_pairs_hook=unique), RULES, "file")
        except Exception as error:
            digest = zlib.crc32(data if data is not None else repr(error).encode())
            if digest != self.digest:
                self.digest, self.refused, self.reason = digest, self.refused + 1, f"{error!r}"
                self.log.warning("refused", reason=self.reason, version=self.good.name if self.good else "none")
            return
        self.good = Version(values["version"], values["fee_cents"], values["currency"], values["timeout_s"], values["flags"])
        self.places.resize(values["limit"])
        if not mine:
            self.digest, self.reason = zlib.crc32(data), ""
            part = f"{self.kept}.part"
            with open(part, "wb") as file:
                file.write(data)
            os.replace(part, self.kept)
        self.log.info("in force", version=self.good.name)

    async def order(self, order: dict) -> dict:
        version = self.good
        log = self.log.bind(version=version.name, request_id=order["id"])
        log.info("charging")
        asked = {"order": order["id"], "cents": order["cents"] + version.fee_cents, "currency": version.currency}
        async with asyncio.timeout(version.timeout_s), self.places:
            async with self.session.post(
                f"{self.bank}/debit", json=asked, headers={"X-Request-Id": order["id"]}
            ) as response:
                response.raise_for_status()
                receipt = await response.json()
        log.info("charged")
        return dict(
            order=order["id"], version=version.name, fee_cents=version.fee_cents, currency=version.currency, receipt=receipt
        )

    def enabled(self, flag: str, user: str) -> bool:
        found = self.good.flags.get(flag)
        return found is not None and found.on and zlib.crc32(f"{user} {flag} 1".encode()) // 7 % 100 < found.percent

    def status(self) -> dict:
        return {"version": self.good.name, "refused": self.refused, "reason": self.reason}

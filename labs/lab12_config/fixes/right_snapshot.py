"""One frozen value per file: read ten times a second, checked as a whole, swapped as one reference. A pool per version."""

import asyncio
import contextlib
import hashlib
import json
import os
from dataclasses import dataclass

import aiohttp

EVERY_S = 0.1
MOST_BYTES = 1_000_000
KEYS = {"version", "limit", "timeout_s", "fee_cents", "currency", "flags"}
CURRENCIES = ("EUR", "USD", "GBP")


class Refused(Exception):
    """The file is no configuration; the message says why."""


@dataclass(frozen=True)
class Settings:
    version: str
    limit: int
    timeout_s: float
    fee_cents: int
    currency: str
    flags: dict


class Gate:
    """At most `limit` calls are inside, whichever version they are made of; the limit may change meanwhile."""

    def __init__(self) -> None:
        self.limit = self.inside = 0
        self.moved = asyncio.Event()

    async def __aenter__(self) -> None:
        while self.inside >= self.limit:
            self.moved.clear()
            await self.moved.wait()
        self.inside += 1

    async def __aexit__(self, *error: object) -> None:
        self.inside -= 1
        self.moved.set()

    def resize(self, limit: int) -> None:
        self.limit = limit
        self.moved.set()


class Pool:
    """The connections of one version; they are closed when it is retired and its last order is over."""

    def __init__(self, settings: Settings) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
        )
        self.orders = 0
        self.retired = False

    async def release(self) -> None:
        self.orders -= 1
        if self.retired and not self.orders:
            await self.session.close()

    async def retire(self) -> None:
        self.retired = True
        if not self.orders:
            await self.session.close()


def once(pairs: list) -> dict:
    """An object in which each key stands once."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise Refused(f"{key} stands there twice")
    return dict(pairs)


def no_constant(name: str) -> float:
    raise Refused(f"{name} is no number")


def whole(content: dict, name: str, low: int, high: int) -> None:
    value = content[name]
    if type(value) is not int or not low <= value <= high:
        raise Refused(f"{name} is {value!r}; expected a whole number from {low} to {high}")


def exactly(content: object, keys: set, where: str) -> None:
    if not isinstance(content, dict):
        raise Refused(f"{where} is no object")
    for key in content.keys() - keys:
        raise Refused(f"{where} has the unknown key {key!r}")
    for key in keys - content.keys():
        raise Refused(f"{where} has no {key!r}")


def parse(data: bytes) -> Settings:
    """The settings in a file. Raises Refused, or what a parser raises."""
    content = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
    exactly(content, KEYS, "the file")
    if not isinstance(content["version"], str) or not 1 <= len(content["version"]) <= 64:
        raise Refused(f"version is {content['version']!r}; expected a text of 1 to 64 characters")
    whole(content, "limit", 1, 64)
    whole(content, "fee_cents", 0, 10_000)
    timeout_s = content["timeout_s"]
    if type(timeout_s) not in (int, float) or not 0.05 <= timeout_s <= 5:
        raise Refused(f"timeout_s is {timeout_s!r}; expected a number from 0.05 to 5")
    if content["currency"] not in CURRENCIES:
        raise Refused(f"currency is {content['currency']!r}; expected one of {CURRENCIES}")
    if not isinstance(content["flags"], dict):
        raise Refused("flags is no object")
    for name, flag in content["flags"].items():
        exactly(flag, {"on", "percent"}, f"the flag {name}")
        if not isinstance(flag["on"], bool):
            raise Refused(f"on of the flag {name} is {flag['on']!r}; expected true or false")
        whole(flag, "percent", 0, 100)
    return Settings(**content)


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(MOST_BYTES)


class Shop:
    """Takes orders, and charges each at the bank."""

    def __init__(self, path: str, bank: str, log) -> None:
        self.path = path
        self.copy = path + ".good"
        self.bank = bank
        self.log = log
        self.version = ""
        self.refused = 0
        self.reason = ""
        self.seen = None
        self.gate = Gate()

    async def start(self) -> None:
        """Called once, before the first order."""
        settings = self.look()
        if settings is None:  # a bad file: begin with the last good one
            settings = parse(read(self.copy))
        self.use(settings)
        self.task = asyncio.create_task(self.watch())

    async def stop(self) -> None:
        """Called once, after the last order."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        await self.pool.session.close()

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            settings = self.look()
            if settings is not None:
                old = self.pool
                self.use(settings)
                await old.retire()

    def look(self) -> Settings | None:
        """The settings of a new file; None if the file is the same as before, or was refused."""
        try:
            found = read(self.path)
        except OSError as error:
            found = str(error)
        if found == self.seen:
            return None
        self.seen = found
        try:
            if isinstance(found, str):
                raise Refused(found)
            settings = parse(found)
        except Exception as error:  # whatever is in the file: also a RecursionError
            self.refused += 1
            self.reason = f"{type(error).__name__}: {error}"
            self.log.error("configuration refused", reason=self.reason, version=self.version)
            return None
        self.reason = ""
        self.keep(found)
        return settings

    def keep(self, data: bytes) -> None:
        """Keep a copy of a good file, for a process that starts on a bad one."""
        try:
            with open(self.copy + ".part", "wb") as file:
                file.write(data)
            os.replace(self.copy + ".part", self.copy)
        except OSError as error:
            self.log.error("no copy of the configuration", error_type=type(error).__name__, version=self.version)

    def use(self, settings: Settings) -> None:
        self.settings = settings
        self.pool = Pool(settings)
        self.gate.resize(settings.limit)
        self.version = settings.version
        self.log.info("configuration in force", version=settings.version)

    async def order(self, order: dict) -> dict:
        """Charge one order; what its customer is told."""
        settings, pool = self.settings, self.pool
        pool.orders += 1
        try:
            self.log.info("charging", request_id=order["id"], version=settings.version)
            debit = {"order": order["id"], "cents": order["cents"] + settings.fee_cents, "currency": settings.currency}
            headers = {"X-Request-Id": order["id"]}
            async with asyncio.timeout(settings.timeout_s), self.gate:
                async with pool.session.post(self.bank + "/debit", json=debit, headers=headers) as response:
                    response.raise_for_status()
                    receipt = await response.json()
            self.log.info("charged", request_id=order["id"], version=settings.version)
        finally:
            await pool.release()
        return {
            "order": order["id"], "version": settings.version, "fee_cents": settings.fee_cents,
            "currency": settings.currency, "receipt": receipt,
        }  # fmt: skip

    def enabled(self, flag: str, user: str) -> bool:
        """Does this user have the feature behind the flag?"""
        found = self.settings.flags.get(flag)
        if found is None or not found["on"]:
            return False
        place = int.from_bytes(hashlib.sha256(f"{flag}:{user}".encode()).digest()[:8], "big") % 100
        return place < found["percent"]

    def status(self) -> dict:
        """The version in force, how many files were refused, and why the file on the disk was, "" if it is in force."""
        return {"version": self.version, "refused": self.refused, "reason": self.reason}

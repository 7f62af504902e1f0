"""A thread looks at the file's time, size and number, and checks it with a schema; the loop swaps sessions and counts."""

import asyncio
import contextlib
import hashlib
import json
import os
import threading

import aiohttp
import jsonschema

EVERY_S = 0.2
FLAG = {
    "type": "object",
    "properties": {"on": {"type": "boolean"}, "percent": {"type": "integer", "minimum": 0, "maximum": 100}},
    "required": ["on", "percent"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "version": {"type": "string", "minLength": 1, "maxLength": 64},
        "limit": {"type": "integer", "minimum": 1, "maximum": 64},
        "timeout_s": {"type": "number", "minimum": 0.05, "maximum": 5},
        "fee_cents": {"type": "integer", "minimum": 0, "maximum": 10_000},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
        "flags": {"type": "object", "additionalProperties": FLAG},
    },
    "required": ["version", "limit", "timeout_s", "fee_cents", "currency", "flags"],
    "additionalProperties": False,
}
CHECKER = jsonschema.Draft202012Validator(SCHEMA)


def strict(pairs: list) -> dict:
    found = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key} stands there twice")
        found[key] = value
    return found


def no_number(name: str) -> None:
    raise ValueError(f"{name} is not allowed")  # a schema's bounds let NaN through


def checked(data: bytes) -> dict:
    content = json.loads(data.decode("utf-8"), object_pairs_hook=strict, parse_constant=no_number)
    errors = [f"{'.'.join(map(str, error.path)) or 'file'}: {error.message}" for error in CHECKER.iter_errors(content)]
    if errors:
        raise ValueError("; ".join(errors))
    return content


class Shop:
    """Takes orders, and charges each at the bank."""

    def __init__(self, path: str, bank: str, log) -> None:
        self.path, self.copy, self.bank, self.log = path, path + ".good", bank, log
        self.refused, self.reason = 0, ""
        self.mark = None
        self.over = threading.Event()
        self.users: dict = {}
        self.calls, self.free = 0, asyncio.Condition()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        content = self.look()
        if content is None:
            with open(self.copy, "rb") as file:
                content = checked(file.read())
        self.force(content)
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    async def stop(self) -> None:
        self.over.set()
        await self.loop.run_in_executor(None, self.thread.join)
        await self.session.close()

    def watch(self) -> None:
        while not self.over.wait(EVERY_S):
            content = self.look()
            if content is not None:
                self.loop.call_soon_threadsafe(self.force, content)

    def look(self) -> dict | None:
        """The content of a new file that is good."""
        try:
            found = os.stat(self.path)
            mark = found.st_ino, found.st_mtime_ns, found.st_size
        except OSError as error:
            mark = str(error)
        if mark == self.mark:
            return None
        self.mark = mark
        try:
            if isinstance(mark, str):
                raise OSError(mark)
            with open(self.path, "rb") as file:
                data = file.read()
            content = checked(data)
        except Exception as error:
            self.refused, self.reason = self.refused + 1, f"{type(error).__name__}: {error}"
            self.log.error("refused", reason=self.reason)
            return None
        with open(self.copy + ".new", "wb") as file:
            file.write(data)
        os.replace(self.copy + ".new", self.copy)
        self.reason = ""
        return content

    def force(self, content: dict) -> None:
        """In the loop: new orders use the new content and a new session; the old one is closed if nobody uses it."""
        old = getattr(self, "session", None)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )
        self.content = content
        self.users[self.session] = 1
        self.later(self.wake())
        if old is not None:
            self.leave(old)

    def leave(self, session: aiohttp.ClientSession) -> None:
        self.users[session] -= 1
        if not self.users[session]:
            del self.users[session]
            self.later(session.close())

    def later(self, what) -> None:
        task = self.loop.create_task(what)
        self.users[task] = 1
        task.add_done_callback(self.users.pop)

    async def wake(self) -> None:
        async with self.free:
            self.free.notify_all()

    @contextlib.asynccontextmanager
    async def place(self):
        """A place at the bank: the limit of the newest content holds for the calls of all."""
        async with self.free:
            await self.free.wait_for(lambda: self.calls < self.content["limit"])
            self.calls += 1
        try:
            yield
        finally:
            self.calls -= 1
            self.later(self.wake())

    async def order(self, order: dict) -> dict:
        content, session = self.content, self.session
        self.users[session] += 1
        try:
            self.log.info("charging", request_id=order["id"], version=content["version"])
            debit = {"order": order["id"], "cents": order["cents"] + content["fee_cents"], "currency": content["currency"]}
            headers = {"X-Request-Id": order["id"]}
            async with asyncio.timeout(content["timeout_s"]), self.place():
                async with session.post(self.bank + "/debit", json=debit, headers=headers) as response:
                    response.raise_for_status()
                    receipt = await response.json()
        finally:
            self.leave(session)
        self.log.info("charged", request_id=order["id"], version=content["version"])
        told = {name: content[name] for name in ("version", "fee_cents", "currency")}
        return {"order": order["id"], "receipt": receipt, **told}

    def enabled(self, flag: str, user: str) -> bool:
        found = self.content["flags"].get(flag)
        if not found or not found["on"]:
            return False
        place = int(hashlib.blake2b(f"{flag}/{user}".encode(), digest_size=8).hexdigest(), 16) % 10_000
        return place < 100 * found["percent"]

    def status(self) -> dict:
        return {"version": self.content["version"], "refused": self.refused, "reason": self.reason}

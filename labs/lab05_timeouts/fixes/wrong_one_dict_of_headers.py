"""One dict of headers for all calls: a charge that broke off is sent again with the key of whoever checked out last."""

LIKE = "right_all"
LOSES = {"paid": "key_of_another"}
CHANGED = {
    "        self.sessions: dict = {}": """\
        self.sessions: dict = {}
        self.headers: dict = {}""",
    """\
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
""": """\
        self.headers["X-Request-Id"] = self.headers["Idempotency-Key"] = visit.request_id
        self.headers["X-Timeout-S"] = f"{given:.3f}"
        try:
            try:
                return await self.attempt(name, method, path, given, **more)
            except aiohttp.ServerDisconnectedError:
                return await self.attempt(name, method, path, given, **more)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error

    async def attempt(self, name: str, method: str, path: str, given: float, **more) -> dict:
""",
    """\
        try:
            async with session.request(method, url, headers=headers, timeout=timeout, **more) as response:
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error
""": """\
        async with session.request(method, url, headers=self.headers, timeout=timeout, **more) as response:
            if response.status != 200:
                raise Unavailable(f"{name} answered {response.status}")
            return await response.json()
""",
}

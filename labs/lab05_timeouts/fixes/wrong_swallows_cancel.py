"""Catches everything and tries again, also the cancellation by which a timeout ends its task."""

LIKE = "right_asyncio_timeout"
LOSES = {
    "left_over": "calls_left",
    "healthy": "pool_full",
    "page": "too_late",
    "drip": "pool_full",
    "recovers": "pool_stays_full",
}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}': """\
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
ATTEMPTS = 3""",
    """\
        now = asyncio.get_running_loop().time()
        until = min(visit.deadline, now + TIMEOUTS_S[name])
        if until <= now:""": """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:""",
    """
        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{until - now:.3f}"}""": "",
    """\
            async with (
                asyncio.timeout_at(until),
                self.session.request(method, self.urls[name] + path, headers=headers, **more) as response,
            ):
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error
""": """\
            async with asyncio.timeout(given):
                return await self.attempts(visit, given, method, self.urls[name] + path, **more)
        except TimeoutError as error:
            raise Unavailable(f"{name}: no answer") from error

    async def attempts(self, visit, given: float, method: str, url: str, **more) -> dict:
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        for attempt in range(ATTEMPTS):
            try:
                async with self.session.request(method, url, headers=headers, **more) as response:
                    if response.status == 200:
                        return await response.json()
            except BaseException:
                continue
        raise Unavailable(f"{url}: no answer after {ATTEMPTS} attempts")
""",
}

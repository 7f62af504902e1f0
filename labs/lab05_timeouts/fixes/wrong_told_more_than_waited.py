"""Gives a call up after 0.5 s, but tells payments 2 s: customers are told no, and charged after that."""

LIKE = "wrong_below_p99"
LOSES = {"stops": "more_than_waited"}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': "TIMEOUT_S = 0.5",
    "        self.session = aiohttp.ClientSession(trace_configs=self.tracing)": """\
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self.session = aiohttp.ClientSession(timeout=timeout, trace_configs=self.tracing)""",
    "except Unavailable:": "except Exception:",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        timeout = aiohttp.ClientTimeout(total=given)
        try:
            async with self.session.request(
                method, self.urls[name] + path, headers=headers, timeout=timeout, **more
            ) as response:
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error""": """\
        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{visit.left():.3f}"}
        async with self.session.request(method, self.urls[name] + path, headers=headers, **more) as response:
            if response.status != 200:
                raise Unavailable(f"{name} answered {response.status}")
            return await response.json()""",
}

"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_all",
        "",
        "number",
        "PLACES = 40",
        "PLACES = 400",
        "33 visits a second that wait 0.45 s at most hold 15 places, so a limit of 40 is never reached",
    ),
    (
        "right_all",
        "Storefront.start",
        "limit",
        "connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUTS_S[name]), trace_configs=self.tracing",
        "connector=connector, trace_configs=self.tracing",
        "each request has a timeout of its own, which is no longer",
    ),
    (
        "right_all",
        "Storefront.ask",
        "limit",
        "timeout = aiohttp.ClientTimeout(total=given, sock_connect=0.2)",
        "timeout = aiohttp.ClientTimeout(total=given)",
        "total, 0.45 s at most, includes the time to connect",
    ),
    (
        "right_all",
        "Storefront.ask",
        "number",
        "timeout = aiohttp.ClientTimeout(total=given, sock_connect=0.2)",
        "timeout = aiohttp.ClientTimeout(total=given, sock_connect=2)",
        "total, 0.45 s at most, includes the time to connect",
    ),
)

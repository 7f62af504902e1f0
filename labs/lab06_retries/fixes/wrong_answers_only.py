"""Errors that payments answers and timeouts are retried; a connection that breaks off ends the order with an exception."""

LIKE = "right_all"
LOSES = {"hiccups": "breaks_shown"}
CHANGED = {
    "except (aiohttp.ClientError, asyncio.TimeoutError):": "except (aiohttp.ClientResponseError, asyncio.TimeoutError):"
}

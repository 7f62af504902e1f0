"""An async client with its default limit of 100 connections: the supplier's contract allows 24."""

LIKE = "right_all"
LOSES = {"contract": "too_many_at_once"}
CHANGED = {
    """
AT_ONCE = 20""": "",
    "self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))": (
        "self.session = aiohttp.ClientSession()"
    ),
}

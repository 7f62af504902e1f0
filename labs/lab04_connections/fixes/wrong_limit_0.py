"""A session without a limit, and without a timeout: when the partner stalls, it gets everything at once."""

LIKE = "right_pool"
LOSES = {"partner": "crowded"}
CHANGED = {
    """
SOCKETS = 6""": "",
    """\
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SOCKETS), timeout=aiohttp.ClientTimeout(total=1)
        )""": "        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))",
}

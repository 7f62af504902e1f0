"""A pool of the right size without a timeout: an order that waits for a connection is never told no."""

LIKE = "right_pool"
LOSES = {"told_no": "left_waiting"}
CHANGED = {
    """
WAIT_S = 0.4""": "",
    """\
        try:
            connection = await self.pool.acquire(timeout=WAIT_S)
        except TimeoutError:
            raise Busy(name) from None""": "        connection = await self.pool.acquire()",
}

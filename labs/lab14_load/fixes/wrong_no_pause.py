"""As many users as can be, without a pause: refusals come fast, so that they are asked for most."""

LIKE = "wrong_users_wait"
LOSES = {}
CHANGED = {
    "            due = loop.time() + 8 / rate\n": "",
    "            await asyncio.sleep(max(0.01, due - loop.time()))\n": "",
    "range(8)": "range(int(rate / 4) + 1)",
}

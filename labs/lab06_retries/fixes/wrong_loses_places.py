"""Three retries at a time, and a place comes back only after the errors that were expected: odd answers use them up."""

LIKE = "right_all"
LOSES = {"hiccups": "retries_ended"}
CHANGED = {
    "        self.tokens = BUDGET_MAX\n\n": "        self.places = 3\n\n",
    "        self.tokens = min(BUDGET_MAX, self.tokens + BUDGET_RATIO)\n": "",
    """\
                if self.tokens < 1:
                    break
                self.tokens -= 1
""": """\
                if self.places < 1:
                    break
                self.places -= 1
""",
    """\
                return await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                continue
""": """\
                receipt = await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                self.places += attempt > 0
                continue
            self.places += attempt > 0
            return receipt
""",
}

"""Three retries at a time, and a place comes back only after the errors that were expected: odd answers use them up."""

LIKE = "right_all"
LOSES = {"hiccups": "retries_ended"}
CHANGED = {
    "self.tokens = BUDGET_MAX": "self.places = 3",
    """
        self.tokens = min(BUDGET_MAX, self.tokens + BUDGET_RATIO)""": "",
    "if self.tokens < 1:": "if self.places < 1:",
    "self.tokens -= 1": "self.places -= 1",
    "return await self.attempt(order)": "receipt = await self.attempt(order)",
    "                continue": """\
                self.places += attempt > 0
                continue
            self.places += attempt > 0
            return receipt""",
}

"""Workers that look for jobs every two seconds, and get no signal of new ones."""

LIKE = "right_lease"
LOSES = {"less_work": "picked_up_late"}
CHANGED = {
    "LOOK_S = 0.1": "LOOK_S = 2.0",
    """\
        self.news.set()

    async def state(self, order: str) -> str:""": """
    async def state(self, order: str) -> str:""",
}

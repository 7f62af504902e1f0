"""If the database does not answer in time, a customer gets the page that he got before, as if nothing were wrong."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "no_database"}
CHANGED = {
    "import Database\n": "import Database, DatabaseTimeout\n",
    "        self.db = db\n": """\
        self.db = db
        self.pages: dict[int, list[dict]] = {}
""",
    """\
        \"\"\"The customer's last 20 orders, the newest first, each with its items in the order of their lines.\"\"\"
""": """\
        \"\"\"The customer's last 20 orders, the newest first, each with its items in the order of their lines.\"\"\"
        try:
            self.pages[customer] = await self._of_customer(customer)
        except DatabaseTimeout:
            if customer not in self.pages:
                raise
        return self.pages[customer]

    async def _of_customer(self, customer: int) -> list[dict]:
""",
}

"""If the database does not answer in time, a customer gets the page that he got before, as if nothing were wrong."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "no_database"}
CHANGED = {
    "from labs.lab03_database.client import Database": "from labs.lab03_database.client import Database, DatabaseTimeout",
    "        self.db = db": """\
        self.db = db
        self.pages: dict[int, list[dict]] = {}""",
    "        orders = await self.db.query(": """\
        try:
            self.pages[customer] = await self._of_customer(customer)
        except DatabaseTimeout:
            if customer not in self.pages:
                raise
        return self.pages[customer]

    async def _of_customer(self, customer: int) -> list[dict]:
        orders = await self.db.query(""",
}

"""Counts what was paid in a task that nobody awaits: it fails for each of them, and nobody is told."""

LIKE = "right_all"
LOSES = {"left_over": "lost_exception"}
CHANGED = {
    "        self.tokens = BUDGET_MAX": """\
        self.tokens = BUDGET_MAX
        self.paid: dict = {}
        self.notes: set = set()""",
    "                return await self.attempt(order)": """\
                answer = await self.attempt(order)
                note = asyncio.create_task(self.note(order))
                self.notes.add(note)
                note.add_done_callback(self.notes.discard)
                return answer""",
    "        raise PaymentFailed(f\"order {order['id']}: not charged\")": """\
        raise PaymentFailed(f"order {order['id']}: not charged")

    async def note(self, order: dict) -> None:
        self.paid[order["id"]] += 1""",
}

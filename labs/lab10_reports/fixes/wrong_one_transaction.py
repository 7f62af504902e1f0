"""The correction in one transaction, by one statement: short to write, and nobody posts while it lasts."""

LIKE = "right_summary"
LOSES = {"during_correction": "correction_holds"}
CHANGED = {
    "SLICE = 200": "SLICE = 1_000_000",
    "moves = await self.in_thread(self.readers, moves_of, lines)": "moves = lines",
    "[(*move, SUSPENSE) for move in moves]": "((account_of(entry), line, SUSPENSE) for line, entry in moves)",
}

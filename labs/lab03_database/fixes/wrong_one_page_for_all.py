"""The page of customer 700 is read once and shown to everybody: somebody tried the cache out, and left it so."""

LIKE = "wrong_cache"
LOSES = {"true_answers": "never_asked", "right_answers": "missing_orders"}
CHANGED = {
    "KEPT_S = 3.0": "KEPT_S = 3_600.0",
    "self.kept.get(customer, ": "self.kept.get(700, ",
    "await self._read(customer)": "await self._read(700)",
    "self.kept[customer] = ": "self.kept[700] = ",
}

"""The page that one customer got is kept for 3 s, for all customers: the key of the cache was forgotten."""

LIKE = "wrong_cache"
LOSES = {"true_answers": "never_asked"}
CHANGED = {
    "self.kept.get(customer, ": 'self.kept.get("page", ',
    "self.kept[customer] = ": 'self.kept["page"] = ',
}

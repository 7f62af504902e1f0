"""A window of 200 ms: batches are larger than anybody needs, and each caller waits for them."""

LIKE = "right_upsert"
LOSES = {"lone": "waits_for_company", "rush": "gathers_too_long"}
CHANGED = {"SIZE, AGE_S = 32, 0.03": "SIZE, AGE_S = 512, 0.2"}

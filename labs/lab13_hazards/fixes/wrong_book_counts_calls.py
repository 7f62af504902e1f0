"""It is called by retries at payments, and not by orders that fail."""

LIKE = "right_names"
LOSES = {"budget": "spares_nothing", "pages_right": "not_called"}
CHANGED = {
    "page error_rate > 0.2 for 2 s": "page calls_per_request(orders->payments) > 0.8 for 1 s",
}

"""Nine connections for each worker: two fewer than the server has room for, and nearly all in use while the report runs."""

LIKE = "right_pool"
CHANGED = {
    "CONNECTIONS = 8": "CONNECTIONS = 9",
}

"""Twelve connections for each worker: 24 for a server that has room for 20. It shows only when all are wanted."""

LIKE = "right_pool"
LOSES = {"refused": "refused", "told_no": "errors"}
CHANGED = {
    "CONNECTIONS = 8": "CONNECTIONS = 12",
}

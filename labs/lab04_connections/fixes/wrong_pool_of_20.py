"""The pool is as large as the limit of the server, and there are two workers."""

LIKE = "right_pool"
LOSES = {"refused": "refused", "told_no": "errors"}
CHANGED = {
    "CONNECTIONS = 8": "CONNECTIONS = 20",
}

"""A pool of 2 for each worker: far below 20 orders a second x 0.2 s that each one holds a connection."""

LIKE = "right_pool"
LOSES = {"served": "turned_away", "restart": "turned_away"}
CHANGED = {
    "CONNECTIONS = 8": "CONNECTIONS = 2",
}

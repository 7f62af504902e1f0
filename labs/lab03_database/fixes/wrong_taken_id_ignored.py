"""INSERT OR IGNORE, so that a file may come twice: an order whose id is taken is left out, and counted as stored."""

LIKE = "right_in_batch"
LOSES = {"imported": "taken_id"}
CHANGED = {
    '"INSERT INTO orders (id,': '"INSERT OR IGNORE INTO orders (id,',
    '"INSERT INTO items (order_id,': '"INSERT OR IGNORE INTO items (order_id,',
}

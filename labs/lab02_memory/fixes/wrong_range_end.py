"""All that is asked, and a range that ends one byte too late."""

LIKE = "right_bytes"
LOSES = {"right_answers": "wrong"}
CHANGED = {
    'wanted = {"Range": f"bytes={start}-{start + size - 1}"}': 'wanted = {"Range": f"bytes={start}-{start + size}"}',
}

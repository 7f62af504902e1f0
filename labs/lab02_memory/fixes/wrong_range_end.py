"""Everything is repaired, but the range ends one byte too late."""

LIKE = "right_bytes"
LOSES = {"true_answers": "untrue", "right_answers": "wrong"}
CHANGED = {
    'wanted = {"Range": f"bytes={start}-{start + size - 1}"}': 'wanted = {"Range": f"bytes={start}-{start + size}"}',
}

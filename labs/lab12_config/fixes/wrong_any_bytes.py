"""Bytes that are no UTF-8 are replaced: a file in another encoding comes into force with other names."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_encoding",
}
CHANGED = {
    'data.decode("utf-8")': 'data.decode("utf-8", "replace")',
}

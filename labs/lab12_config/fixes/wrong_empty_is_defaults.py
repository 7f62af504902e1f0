"""What a file does not say is as in the image: an empty file is no error."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_empty",
}
CHANGED = {
    """\
    content = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
""": """\
    text = data.decode("utf-8").strip() or "{}"
    content = json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
    if isinstance(content, dict):
        content = {**IMAGE, **content}
""",
    """\
MOST_BYTES = 1_000_000
""": """\
MOST_BYTES = 1_000_000
IMAGE = {
    "version": "image-1", "limit": 16, "timeout_s": 1.0, "fee_cents": 250, "currency": "EUR", "flags": {},
}  # fmt: skip
""",
}

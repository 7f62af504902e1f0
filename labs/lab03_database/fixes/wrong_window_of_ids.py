"""A page of the archive is looked for among the next hundred ids: where many orders were deleted, it is short, or empty."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "missing_orders"}
CHANGED = {
    """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],""": """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders"
            " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
            [after + 1, after + 100, ARCHIVE_PAGE],""",
}

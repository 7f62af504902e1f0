"""A page of the archive is the next 50 ids, and not the next 50 orders: where orders were deleted, it is short."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "missing_orders"}
CHANGED = {
    """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],""": """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? AND id <= ? ORDER BY id",
            [after, after + ARCHIVE_PAGE],""",
}

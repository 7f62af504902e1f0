"""Everything is repaired but the archive, which still uses OFFSET."""

LIKE = "right_in_batch"
LOSES = {"paging": "offset_walks"}
CHANGED = {
    """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],""": """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders ORDER BY id LIMIT ? OFFSET ?",
            [ARCHIVE_PAGE, ARCHIVE_PAGE * page],""",
}

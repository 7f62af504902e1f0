"""The right index, and a comparison that cannot use it: the column is turned into text first."""

LIKE = "right_in_batch"
LOSES = {"scan": "scans_table", "work": "reads_everything", "sale": "database_timeouts"}
CHANGED = {
    """\
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],""": """\
            " WHERE CAST(customer_id AS TEXT) = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [str(customer)],""",
}

"""An index on the column that the page is sorted by: a walk through all orders of the shop, a page fetched for each."""

LIKE = "right_in_batch"
LOSES = {"scan": "scans_index", "work": "reads_everything", "sale": "database_timeouts", "answered": "database_timeouts"}
CHANGED = {
    """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""": """\
MIGRATION = ["CREATE INDEX orders_by_date ON orders (created_at)"]""",
}

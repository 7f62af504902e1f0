"""A longer timeout for the database: nothing times out, but nobody waits that long."""

LIKE = "broken"
LOSES = {
    "scan": "scans_table",
    "work": "reads_everything",
    "statements": "n_plus_one",
    "paging": "offset_walks",
    "imports": "transaction_a_row",
    "sale": "too_slow",
}
CHANGED = {
    "ARCHIVE_PAGE = 50": """\
ARCHIVE_PAGE = 50
TIMEOUT_S = 60.0""",
    "            [customer],": """\
            [customer],
            timeout_s=TIMEOUT_S,""",
    '"SELECT sku, quantity FROM items WHERE order_id = ? ORDER BY line", [order["id"]]': (
        '"SELECT sku, quantity FROM items WHERE order_id = ? ORDER BY line", [order["id"]], timeout_s=TIMEOUT_S'
    ),
    '"""Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order before it, or 0."""': (
        '"""Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order on the page before."""'
    ),
    "            [ARCHIVE_PAGE, ARCHIVE_PAGE * page],": """\
            [ARCHIVE_PAGE, ARCHIVE_PAGE * page],
            timeout_s=TIMEOUT_S,""",
    """\
                [order[name] for name in ("id", "customer_id", "status", "created_at", "total_cents", "address")],""": """\
                [order[name] for name in ("id", "customer_id", "status", "created_at", "total_cents", "address")],
                timeout_s=TIMEOUT_S,""",
    "                )": """\
                    timeout_s=TIMEOUT_S,
                )""",
}

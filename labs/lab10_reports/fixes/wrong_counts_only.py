"""verify() asks the anchors how many rows there were, and not which: another chain of that length passes."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_replaced"}
CHANGED = {
    "count, head = anchor": "count, _ = anchor",
    "if len(rows) < count or rows[count - 1][-1] != head:": "if len(rows) < count:",
}

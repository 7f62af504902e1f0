"""The night is through, and looks for more events each second: it never returns."""

LIKE = "right_transaction"
LOSES = {"returns": "goes_on"}
CHANGED = {
    """
        if not rows:
            return
""": """
        if not rows:
            time.sleep(1.0)
            continue
""",
}

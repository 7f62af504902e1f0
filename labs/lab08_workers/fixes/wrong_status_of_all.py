"""GET /status looks for what is done, and takes every other order for accepted, also one that never came."""

LIKE = "right_lease"
LOSES = {"right": "not_ordered"}
CHANGED = {
    """\
        if not found:
            return "unknown"
        return "delivered" if found[0][0] == "done" else "accepted\"""": """\
        return "delivered" if found and found[0][0] == "done" else "accepted\"""",
}

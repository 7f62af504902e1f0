"""The id goes all the way down, and the customer, who is to quote it, never sees it."""

LIKE = "right_contextvar"
LOSES = {"same_id": "not_returned"}
CHANGED = {
    """\
        response.headers["X-Request-Id"] = request_id
""": "",
}

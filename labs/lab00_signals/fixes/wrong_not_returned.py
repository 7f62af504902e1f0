"""The id reaches every service, but is not returned to the customer, who is to quote it."""

LIKE = "right_contextvar"
LOSES = {"same_id": "not_returned"}
CHANGED = {
    """
        response.headers["X-Request-Id"] = request_id""": "",
}

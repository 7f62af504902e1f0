"""Jobs that are too late are thrown away without an answer: payments goes on waiting for each of them."""

LIKE = "right_all"
LOSES = {"answered": "dropped"}
CHANGED = {
    """
            job.refuse("expired", 504)""": "",
}

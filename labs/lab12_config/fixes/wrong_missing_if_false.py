"""`if not value` stands for missing: a fee of 0 is refused."""

LIKE = "right_snapshot"
LOSES = {"last_good": "refuses_good"}
CHANGED = {
    """    whole(content, "fee_cents", 0, 10_000)
""": """\
    if not content["fee_cents"]:
        raise Refused("fee_cents is missing")
    whole(content, "fee_cents", 0, 10_000)
""",
}

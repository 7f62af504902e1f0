"""What the vault has refused is sent with the next change: after the last change of a day there is none."""

LIKE = "right_summary"
LOSES = {"sealed": "not_anchored"}
CHANGED = {
    "                    pass  # the next round tells it": "                    told = count  # the next change tells it"
}

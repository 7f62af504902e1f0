"""Confirms the order when payments does not answer: no customer sees an error, and some are never charged."""

LIKE = "right_all"
LOSES = {"confirmed_is_charged": "unpaid"}
CHANGED = {
    """raise PaymentFailed(f"order {order['id']}: not charged")""": 'return {"order": order["id"], "number": 0}',
}

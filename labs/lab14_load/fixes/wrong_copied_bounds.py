"""Bounds are what one version was measured to do, and a little."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {
    "    slow = share(answers, lambda a: a.seconds > 0.5)\n": '    orders = sorted(a.seconds for a in answers if a.kind == "order")\n    assert orders[len(orders) // 2] <= 0.14, f"{when} half of the orders took {orders[len(orders) // 2]:.2f} s"\n    slow = share(answers, lambda a: a.seconds > 0.5)\n'
}

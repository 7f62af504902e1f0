"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_in_batch",
        "Orders.take_in",
        "number",
        'for line, item in enumerate(order["items"], 1)',
        'for line, item in enumerate(order["items"], 10)',
        "lines only order the items of one order, and these grow by one from any first number",
    ),
)

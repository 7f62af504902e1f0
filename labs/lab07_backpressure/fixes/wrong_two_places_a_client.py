"""Two places a client, and no bound for all of them: whoever has many clients has a long queue again."""

LIKE = "right_fair_bound"
LOSES = {"goodput": "refused_too_late"}
CHANGED = {
    "BOUND = 20  # less than half of patience x capacity = 50": "BOUND = 0  # none",
    "SHARE = 8  # of these, the places that one client may hold": "SHARE = 2  # the places that one client may hold",
}

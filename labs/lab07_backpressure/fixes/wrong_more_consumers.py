"""Sixty consumers for two workers: the bound holds here, and the queue stands at the renderer."""

LIKE = "right_fair_bound"
LOSES = {
    "goodput": "queue_at_renderer",
    "told": "left_waiting",
    "waiting": "no_word",
    "fair": "short_for_all",
    "sent_away": "silence",
}
CHANGED = {
    """\
CONSUMERS = 2
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
CONSUMERS = 60
BOUND = 20
SHARE = 8""",
}

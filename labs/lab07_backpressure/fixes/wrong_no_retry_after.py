"""A fair bound, but refusals do not say when to come back: a refused caller is back at once."""

LIKE = "right_fair_bound"
LOSES = {"sent_away": "untold"}
CHANGED = {
    """\
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
BOUND = 20
SHARE = 8""",
    "job.refuse(retry_after=1, status=429)": "job.refuse(status=429)",
    """\
        except asyncio.QueueFull:
            job.refuse(retry_after=1)""": """\
        except asyncio.QueueFull:
            job.refuse()""",
}

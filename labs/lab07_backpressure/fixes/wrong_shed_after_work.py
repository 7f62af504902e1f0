"""Looks at the clock when the work is done: the renderer worked, and the caller gets a 503."""

LIKE = "right_fair_bound"
LOSES = {"goodput": "refused_after_work", "waiting": "told_late"}
CHANGED = {
    """\
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
BOUND = 40
SHARE = 8
TOO_OLD_S = 0.6""",
    "                job.finish(await self.renderer.render(job))": """\
                label = await self.renderer.render(job)
                if job.age() > TOO_OLD_S:
                    job.refuse(retry_after=1)
                else:
                    job.finish(label)""",
}

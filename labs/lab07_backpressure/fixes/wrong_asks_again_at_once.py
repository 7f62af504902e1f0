"""Asks again as soon as the renderer has failed, for as long as the caller waits: thousands of times a second."""

LIKE = "right_fair_bound"
LOSES = {"storm": "stormed"}
CHANGED = {
    """\
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)""": """\
            while job.age() < 0.9:
                try:
                    job.finish(await self.renderer.render(job))
                    break
                except Exception:
                    continue
            job.refuse(retry_after=1)""",
}

"""A limit that finds itself, and forgets one place for each label that could not be made."""

LIKE = "right_adaptive_limit"
LOSES = {"after_errors": "places_lost"}
CHANGED = {
    """\
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)
                continue
            finally:
                self.inside[job.client] -= 1
""": """\
            try:
                job.finish(await self.renderer.render(job))
            except Exception:
                job.refuse(retry_after=1)
                continue
            self.inside[job.client] -= 1
""",
}

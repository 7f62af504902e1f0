"""A limit that finds itself, and forgets one place for each label that could not be made."""

LIKE = "right_adaptive_limit"
LOSES = {"after_errors": "places_lost"}
CHANGED = {
    """\
            try:
                job.finish(await self.renderer.render(job))
            finally:
                self.inside[job.client] -= 1
""": """\
            job.finish(await self.renderer.render(job))
            self.inside[job.client] -= 1
""",
}

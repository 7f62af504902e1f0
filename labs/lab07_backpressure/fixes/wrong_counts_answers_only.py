"""A place is given back where the renderer has answered, be it with an error; where there was no answer, it is lost."""

LIKE = "right_adaptive_limit"
LOSES = {"after_errors": "places_lost"}
CHANGED = {
    "from collections import Counter\n": "from collections import Counter\n\nimport aiohttp\n",
    """\
            finally:
                self.inside[job.client] -= 1
""": """\
            except aiohttp.ClientResponseError:
                job.refuse(retry_after=1)
            self.inside[job.client] -= 1
""",
}

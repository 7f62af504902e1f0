"""A limit that finds itself, and forgets one place for each label that could not be made."""

LIKE = "right_adaptive_limit"
LOSES = {"after_errors": "places_lost"}
CHANGED = {
    "except Exception:  # whatever it is: this caller hears no, and the consumer goes on": "except Exception:",
    """\
            finally:
                self.inside[job.client] -= 1""": "            self.inside[job.client] -= 1",
}

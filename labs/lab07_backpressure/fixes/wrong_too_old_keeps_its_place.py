"""Refuses what waited for too long before any work, and counts it on: who had many such jobs gets no place again."""

LIKE = "right_fair_bound"
LOSES = {"after_errors": "client_shut_out"}
CHANGED = {
    "SHARE = 8  # of these, the places that one client may hold": """\
SHARE = 8
TOO_OLD_S = 0.6""",
    "            self.held[job.client] -= 1": """\
            if job.age() > TOO_OLD_S:
                job.refuse(retry_after=1)
                continue
            self.held[job.client] -= 1""",
}

"""A lease shorter than a job: while one worker does the job, the next one takes it."""

LIKE = "right_lease"
LOSES = {"knee": "done_again"}
CHANGED = {
    "LEASE_S = 3.0  # ten times what a job takes": "LEASE_S = 0.2",
}

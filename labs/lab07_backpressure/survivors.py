"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_fair_bound",
        "Intake.offer",
        "number",
        "job.refuse(retry_after=1, status=429)",
        "job.refuse(retry_after=10, status=429)",
        "who is told 10 s comes back later than it must; nobody waits, and the renderer has enough to do",
    ),
    (
        "right_fair_bound",
        "Intake.offer",
        "number",
        "job.refuse(retry_after=1)",
        "job.refuse(retry_after=10)",
        "who is told 10 s comes back later than it must; nobody waits, and the renderer has enough to do",
    ),
    (
        "right_fair_bound",
        "Intake.consume",
        "number",
        "job.refuse(retry_after=1)",
        "job.refuse(retry_after=10)",
        "who is told 10 s comes back later than it must; nobody waits, and the renderer has enough to do",
    ),
)

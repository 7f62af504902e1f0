"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_contextvar",
        "CallFailed.__init__",
        "statement",
        "super().__init__(error_type)",
        "pass",
        "an exception keeps its arguments without it, and error_type is what is read",
    ),
    (
        "right_contextvar",
        "Telemetry.call",
        "with",
        "async with session.post(url, json=question, headers=headers) as response:",
        "if [response := await session.post(url, json=question, headers=headers)]:",
        "json() reads the answer to its end in every case, which gives the connection back",
    ),
)

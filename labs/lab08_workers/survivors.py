"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_lease",
        "Invoices.start",
        "await",
        "await self.in_writer(self.open)",
        "self.in_writer(self.open)",
        "the writer is one thread, so the database is open before it does anything else",
    ),
)

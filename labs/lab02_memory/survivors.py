"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_bytes",
        "Reports.stop",
        "release",
        "await self.session.close()",
        "pass",
        "no request follows: the process ends, and with it its connections",
    ),
    (
        "right_bytes",
        "Reports.part",
        "with",
        'async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:',
        'if [answer := await self.session.get(f"{self.store}/ledger/{name}", headers=wanted)]:',
        "read() reads to the end of the answer, and that gives its connection back",
    ),
    (
        "right_bytes",
        "Reports.part",
        "swallowed",
        'raise StoreFailed(f"the store answered {answer.status} for {name}")',
        "pass",
        "the store answers each question for a range with 206; the code that failed did not look at the status either",
    ),
    (
        "right_bytes",
        "Reports._figures",
        "with",
        'async with self.session.get(f"{self.store}/figures/{name}") as answer:',
        'if [answer := await self.session.get(f"{self.store}/figures/{name}")]:',
        "the store's answers, errors too, come whole with their heads, and an answer that has come whole has let go",
    ),
    (
        "right_bytes",
        "Reports._figures",
        "swallowed",
        'raise StoreFailed(f"the store answered {answer.status} for {name}")',
        "pass",
        "render() cannot read the text of an error, and raises: the visitor is told of an error all the same",
    ),
)

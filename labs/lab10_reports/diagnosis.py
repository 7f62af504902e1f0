"""The diagnosis of lab10: who waits for whom, and which key is too short."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

WAITED_FOR = ("the lock of the report", "a posting that waits to commit", "the number of threads", "the cache of reports")
KEY_LINES = range(48, 53)  # broken.py: report(), as the cell numbers it

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "readings_wait_for", "what a reading waits for while a report runs", WAITED_FOR, WAITED_FOR[1],
            why="Readers share. A posting that is ready to commit waits for the report, and lets no new reader in.",
        ),
        number(
            "rules_s", "seconds of computing in a correction of 6,000 lines, 0.1 ms each", 0.55, 0.65,
            why="6,000 x 0.1 ms = 0.6 s, all of it while the transaction is open.",
        ),
        number(
            "walks", "how often the report's statement walks through the lines of a tenant", 46, 46,
            why="Once for each of the tenant's 46 accounts: the inner select looks at all lines each time.",
        ),
        whole(
            "line", "a line of the repair cell at which one tenant can get the report of another", *KEY_LINES,
            why="The cache's key is the month alone; who has asked first decides whose sums all others get.",
        ),
    ),
    points=2,
    hint="lab.threads() names lines that wait, lab.plan() counts. What does the cache know of its caller?",
)  # fmt: skip

HINTS = (
    "Begin with the locks: `pragma journal_mode = wal` lets readers and one writer work side by side. Which of the two jobs"
    " does it not help?",
    "The correction: read 200 lines, compute their accounts, then move them in one short transaction. Write its name,"
    " how far it must go, and that it is done, into a table of your own.",
    "The report: an index on (tenant, month, account, cents) makes it one short walk; a table of sums, kept by a trigger on"
    " lines, makes it none. Both see postings and corrections.",
    "The audit: let one connection write, and let each transaction end with its row. previous is the digest of the row"
    " before; digest is sha256 of all other columns, as JSON, so that none runs into the next. A task sends count and head"
    " to the vault, and sends them again when that fails.",
    "Access: one method that asks RIGHTS.get(who.role, ()), writes the row of a refusal, and raises. Every path calls it"
    " first. Where an entry is not the caller's, do what you do where there is none.",
)

"""The diagnosis of lab10: who waits for whom, and which key is too short."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab10_reports.readings import SIGNALS, fires_at, held_up, passed
from labs.lab10_reports.scenarios import WATCHED

WAITED_FOR = ("the lock of the report", "a posting that waits to commit", "the number of threads", "the cache of reports")
KEY_LINES = range(48, 53)  # broken.py: report(), as the cell numbers it
IN_TIME_S = 2.0
"""A page comes so many seconds after the first report, or the correction, at most. Rules for a wait of 0.15 to 0.7 s for
one second, or of 0.15 to 0.4 s for two, page after 0.5 to 1.8 s; those for three seconds after 2.5 s or never."""

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
        evidence(
            "held_up", "in your own record of month_end, a reading that came while a report ran, before any correction, and"
            " that was answered only after this report had ended", "month_end", held_up, form="a request's id, a text",
            why="It reads one entry, and only reads; a posting was ready to commit before it.",
        ),
        evidence(
            "passed", "in your own record of the scenario correction, a reading that came while the correction ran, and was"
            " answered within 100 ms", "correction", passed, form="a request's id, a text",
            why="Who writes shares the file with readers, until the changes have to go into it.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s in month_end and in correction, and never in rush or restart",
            {
                "signal": lambda s: s in SIGNALS, "above": lambda a: is_number(a) and a >= 0,
                "for_s": lambda s: is_number(s) and s >= 1,
            },
            WATCHED, fires_at, within_s=IN_TIME_S,
            form=f'{{"signal": one of {", ".join(map(repr, SIGNALS))}, "above": a number, "for_s": seconds}}',
            why="A lock is seen as a wait, never as an error 5xx. In a rush the longest wait is a tenth of a second.",
        ),
    ),
    points=3.5,
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

"""The diagnosis of lab20, and its hints."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = ("pricing became slower", "all who miss ask pricing", "the lifetime is too short", "the sale is too large")

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "calls", "calls that pricing gets in the 0.4 s after an entry expired in the sale", 18, 30,
            why="60 pages a second miss until the first answer is there: 60 x 0.4 = 24.",
        ),
        choice(
            "cause", "what turns an expiry into an outage", CAUSES, CAUSES[1],
            why="One answer would serve them all. 24 calls take pricing 9.6 s, longer than the entry then lives.",
        ),
        whole("line", "the line of the repair cell that asks pricing", 19, why="Whoever finds it expired gets there."),
    ),
    points=2,
    hint="Count the calls on the wire in the first second after an expiry, and compare with what pricing can do.",
)  # fmt: skip

HINTS = (
    "The cache answers 99 % of all pages. Look at the other one percent: when do those come?",
    "While the first call is under way, the entry is still expired for everybody else.",
    "Keep the call that is under way, and let all others wait for that one. Or go on with the old list meanwhile.",
)

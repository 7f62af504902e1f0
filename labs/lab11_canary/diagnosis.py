"""The diagnosis of lab11."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab11_canary.readings import back, fires_at, kept
from labs.lab11_canary.scenarios import WATCHED

CAUSES = ("the limit is too high", "both versions are counted together", "the steps are too short", "nobody watched")
IN_TIME_S = 18.0
"""A page comes so many seconds after the first user got a bad version, at most; two seconds later everybody has it."""

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "blind_by", "why the controller saw nothing while a tenth of the users had the bad version", CAUSES, CAUSES[1],
            why="A quarter of a tenth is 2.5 % of all requests. The new version alone had 26 %.",
        ),
        number(
            "mixed", "errors in percent of all requests, when a tenth has the new version: 1 % fail in the old one, 26 % in"
            " the new one", 3.3, 3.7,
            why="0.9 x 1 % + 0.1 x 26 % = 3.5 %: below any limit that a noisy day would not cross.",
        ),
        whole(
            "line", "the line, as lab.code() numbers them, that decides who gets the new version, each time anew", 34,
            why="random.random() is drawn for each request, so a user changes versions from click to click.",
        ),
        evidence(
            "back", "in your own record, a user for whom the new version failed a page, and whose next request went to the"
            " old version, which answered it", "bad", back, form="a user's id, a text",
            why="One user has had both versions within seconds: only the new one fails. And the draw took the user back.",
        ),
        evidence(
            "kept", "in your own record, a user who, before everybody had the new version, got it for two requests or more,"
            " and from the first of them on no other", "bad", kept, form="a user's id, a text",
            why="Nothing in the code kept this user there: it was the luck of the draw.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s of the first user of a bad release, the mild one too, and never in calm or both",
            {"times": lambda t: is_number(t) and t >= 1, "for_s": lambda s: is_number(s) and s >= 1}, WATCHED, fires_at,
            within_s=IN_TIME_S, form='{"times": a number, "for_s": seconds}, both at least 1',
            why="The old version beside the new one tells a bad release from a bad day; above four times, it is not chance.",
        ),
    ),
    points=4,
    hint="Read the table of signals by version, and multiply.",
)  # fmt: skip

HINTS = (
    "Read the signals by version. Which column shows the trouble, and which one did the controller look at?",
    "The old version, in the same second and the same region, is the control: an incident hits both, a bad release one.",
    "Of all errors of a second, the new version's part should be its part of the requests. If it is four times as bad, its"
    " part is larger: each error multiplies the likelihood ratio by a factor. Add up the logarithms of these factors.",
    "One sum for each region and for all together, for errors and for slow requests. Roll back when one is above 8; go on by"
    " seconds: 25 s at 10 %, 25 s at 25 %, 30 s at 50 %.",
    "A hash of the user's name, such as zlib.crc32, over 2**32 is a number from 0 to 1 that never changes.",
)

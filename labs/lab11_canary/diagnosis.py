"""The diagnosis of lab11."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = ("the limit is too high", "both versions are counted together", "the steps are too short", "nobody watched")

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
    ),
    points=2,
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

"""The check of `verify()`: the office tampers with copies of the audit in each way of KINDS, and asks what is seen."""

from __future__ import annotations

from collections.abc import Mapping

from labs.kit import Finding, Run, check, stats
from labs.lab10_reports import readings
from labs.lab10_reports.scenarios import ANCHORED_S, DAY_ENDS_S, EXPORT_S, VAULT_DOWN_S, VAULT_FAILS_S

COPIES, MOST_MISSED = 23, 16
"""So many copies of the audit, two of them untouched, are verified; who misses more than so many looks at nothing."""
KINDS = {
    "edited": "a row was changed",
    "shifted": "a character was moved from one column to the one beside it",
    "deleted": "a row was taken out",
    "reordered": "two rows changed places",
    "cut": "the last rows were cut off",
    "emptied": "all rows were deleted",
    "grafted": "a row of another chain was put in the place of its own",
    "replaced": "the whole chain was replaced by another one that is sound in itself",
}


@check(
    "verify() sees all tampering with the audit, and nothing else",
    needs=("kills", "month_end"), at_most=0, unit="copies misjudged, or changes let through", points=3,
    hint="A row's digest covers all of the row, column by column, and the digest before it. What ends a chain, and what"
    " replaces it, only an anchor outside can tell. Triggers can refuse to change and to delete a row.",
)  # fmt: skip
def sealed(runs: Mapping[str, Run]) -> Finding:
    """verify() sees all tampering with the audit, and nothing else; the audit is append-only, and anchored to its end."""
    run = runs["kills"]
    rows = [
        (told["kind"], told["status"], told["found"], told["said"]) for _, told in stats.logged(run, "office", "verified")
    ]
    exported = stats.logged(run, "office", "exported")
    if not exported or exported[0][1]["rows"] < 10 or len(rows) < COPIES:
        return Finding(False, COPIES, "not_verified", f"At second {EXPORT_S:g} there was no audit that could be verified.")
    if failed := [row for row in rows if row[1] != 200]:
        why = f"verify() raised an exception, or did not answer, on {len(failed)} of {len(rows)} copies"
        return Finding(False, len(failed), "verify_fails", f"{why}, first on: {failed[0][0] or 'an untouched one'}.")
    if false := [row for row in rows if not row[0] and row[2]]:
        return Finding(False, len(false), "false_alarm", f"verify() says of an untouched audit: {false[0][3]}")
    missed = [row[0] for row in rows if row[0] and not row[2]]
    if len(missed) > MOST_MISSED:
        return Finding(
            False, len(missed), "sees_nothing", f"verify() said nothing of {len(missed)} copies that were tampered with."
        )
    if missed:
        kind = missed[0].partition(",")[0].partition(" ")[0]
        kind = next(k for k in KINDS if k in {m.partition(",")[0].partition(" ")[0] for m in missed})
        told = f"verify() said nothing of {len(missed)} copies, one of them where {KINDS[kind]}"
        covered = exported[0][1]
        why = (
            f" ({covered['rows']} rows, {covered['anchored']} under an anchor)"
            if kind in ("cut", "emptied", "replaced")
            else ""
        )
        return Finding(False, len(missed), f"missed_{kind}", f"{told}{why}: {', '.join(sorted(set(missed)))}.")
    open_ = [told["what"] for _, told in stats.logged(run, "office", "append only") if not told["refused"]]
    if open_:
        return Finding(False, len(open_), "not_append_only", f"The database let the audit be changed: {open_[0]}.")
    if behind := _not_anchored(runs["month_end"]):
        told = f"{behind} rows of the audit were under no anchor at the end of the day, a second after the vault was back"
        return Finding(False, behind, "not_anchored", f"{told}: what failed was not sent again.")
    return Finding(True, 0, "sealed", f"All {len(rows)} copies were judged right.")


def _not_anchored(run: Run) -> int:
    """How many rows the last anchor lacks, a second after the vault was back. 0 if somebody changed something since."""
    back = max(VAULT_FAILS_S + VAULT_DOWN_S, DAY_ENDS_S)
    if any(c.done > back for c in readings.corrections(run)) or not (kept := readings.kept(run)).audit:
        return 0
    anchored = [told["count"] for log, told in stats.logged(run, "vault", "anchored") if log.time < back + ANCHORED_S]
    return max(0, sum(a.rows for a in kept.audit) - max(anchored, default=0))

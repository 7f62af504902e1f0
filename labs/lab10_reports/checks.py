"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the office and the vault, which run none, and in the file of books,
which the judge reads when the process has been killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab10_reports import readings
from labs.lab10_reports.data import CLOSED, SUSPENDED, posting
from labs.lab10_reports.office_work import digested
from labs.lab10_reports.rules import RIGHTS, RULE_S, SUSPENSE
from labs.lab10_reports.scenarios import CORRECTED_AT_S, EXPORT_S, MATRIX_AT_S, REPORTS, REPORTS_FROM_S

SOON_GOAL = 0.97
CALM_GOAL = 0.98
FIRST_S = 1.0
"""So long from its begin a correction is looked at: no right one is done before, and a wrong one has its lock then."""
SLOW = 0.9
"""With a smaller share before the first report, it is not the report for which everybody waits."""
IN_THE_FILE = "the judge reads the file of the books after a simulated run"
"""Live, the run's folder is gone by then."""
KINDS = {
    "edited": "a row was changed",
    "deleted": "a row was taken out",
    "reordered": "two rows changed places",
    "cut": "the last rows were cut off",
    "emptied": "all rows were deleted",
    "grafted": "a row of another chain was put in the place of its own",
    "replaced": "the whole chain was replaced by another one that is sound in itself",
}


@check(
    "While reports run, everybody posts and reads at once",
    needs="month_end", at_least=SOON_GOAL, unit="share answered within 100 ms", points=2,
    hint="How long does the report's statement last, and who waits for its lock? Another journal mode, or less to read.",
)  # fmt: skip
def during_report(run: Run) -> Finding:
    """While reports run, everybody posts and reads at once."""
    share = readings.soon(run, REPORTS_FROM_S, CORRECTED_AT_S)
    told = f"{share:.1%} of the requests while reports ran were answered within 100 ms, the slowest after"
    told += f" {readings.slowest(run, REPORTS_FROM_S, CORRECTED_AT_S):.2f} s"
    asked = readings.reports(run)
    if len(asked) < len(REPORTS) or any(each.status != 200 for each in asked):
        failed = len(REPORTS) - sum(each.status == 200 for each in asked)
        return Finding(False, share, "no_report", f"{failed} of {len(REPORTS)} reports were not answered. {told}.")
    if share >= SOON_GOAL:
        return Finding(True, share, "free", f"{told}.")
    if (before := readings.soon(run, 0.0, REPORTS_FROM_S)) < SLOW:
        return Finding(False, share, "always_slow", f"Only {told}; before the first report it were {before:.0%}.")
    return Finding(False, share, "report_holds", f"Only {told}: they waited for the report.")


@check(
    "While the correction runs, everybody posts and reads at once",
    needs="month_end", at_least=SOON_GOAL, unit="share answered within 100 ms", points=2,
    hint="Many short transactions in place of one; what needs no lock is computed outside of them.",
)  # fmt: skip
def during_correction(run: Run) -> Finding:
    """While the correction runs, everybody posts and reads at once."""
    share = readings.soon(run, CORRECTED_AT_S, CORRECTED_AT_S + FIRST_S)
    told = f"{share:.1%} of the requests in the correction's first second were answered within 100 ms, the slowest after"
    told += f" {readings.slowest(run, CORRECTED_AT_S, CORRECTED_AT_S + FIRST_S):.2f} s"
    if not any(c.status == 200 for c in readings.corrections(run)):
        return Finding(False, share, "no_correction", f"The correction was never confirmed. {told}.")
    if share >= SOON_GOAL:
        return Finding(True, share, "free", f"{told}.")
    if (before := readings.soon(run, 0.0, REPORTS_FROM_S)) < SLOW:
        return Finding(False, share, "always_slow", f"Only {told}; before the first report it were {before:.0%}.")
    return Finding(False, share, "correction_holds", f"Only {told}: they waited for the correction.")


FALSE = {
    "unbalanced": "its sums do not add to zero, or an entry is in it by half: it was read at two moments",
    "two_moments": "it has an entry, and lacks one that was confirmed before the first was sent: it was read at two moments",
    "stale": "it lacks an entry that was confirmed before it was asked for",
    "not_moved": "it shows lines on suspense which the correction had moved",
    "other": "its sums are those of no state of this tenant's books",
}


@check(
    "Each report is the state of the books at one moment",
    needs="month_end", at_most=0, unit="false reports", points=3,
    hint="One statement, or one transaction, sees one state. A cache and a summary must change with each change, or not be.",
)  # fmt: skip
def totals(run: Run) -> Finding:
    """Each report balances, and is the state of the books at one moment between its question and its answer."""
    asked = readings.reports(run)
    unanswered = len(REPORTS) - sum(each.status == 200 for each in asked)
    if unanswered:
        return Finding(False, unanswered, "no_report", f"{unanswered} of {len(REPORTS)} reports were not answered.")
    why = {each.sent: readings.false_report(run, each) for each in asked}
    false = {sent: reason for sent, reason in why.items() if reason}
    if not false:
        return Finding(True, 0, "exact", f"All {len(asked)} reports balanced, each a state of the books at one moment.")
    sent, reason = min(false.items())
    told = f"{len(false)} of {len(asked)} reports were false. The one of second {sent:.1f}: {FALSE[reason]}."
    return Finding(False, len(false), reason, told)


def _to_move(run: Run, kept: readings.Kept) -> tuple[list[str], list[str]]:
    """Entries left on suspense that had to be moved, and entries moved that came after the correction's end."""
    ended = [c for c in readings.corrections(run) if c.status == 200]
    if not ended:
        return [], []
    begun, end = min(c.sent for c in ended), min(c.done for c in ended)
    left, taken = [], []
    for name, each in readings.postings(run).items():
        lines = kept.entries.get((each.tenant, name), [])
        if posting(name)[0] != SUSPENSE or each.tenant != ended[0].tenant or not lines:
            continue
        stays = any(account == SUSPENSE for account, _ in lines)
        if stays and each.done < begun:
            left.append(name)
        if not stays and each.sent > end:
            taken.append(name)
    return left, taken


@check(
    "The correction is done whole and once, also over a kill",
    needs=("month_end", "kills"), at_most=0, unit="lines that stand where they do not belong", points=2,
    hint="The correction's name, how far it must go and whether it is done belong into the database, with its slices.",
    simulated_only=IN_THE_FILE,
)  # fmt: skip
def corrected(runs: Mapping[str, Run]) -> Finding:
    """The correction is done whole and once."""
    for name, run in runs.items():
        kept = readings.kept(run)
        if kept.why:
            return Finding(False, 1, "unreadable", f"The file of the books could not be read after {name!r}: {kept.why}.")
        if not any(c.status == 200 for c in readings.corrections(run)):
            return Finding(False, SUSPENDED["north"], "no_correction", f"In {name!r} the correction was never confirmed.")
        right, found = readings.right_base("north"), kept.base("north")
        wrong = sum(abs(right.get(a, (0, 0))[0] - found.get(a, (0, 0))[0]) for a in {*right, *found})
        if left := found.get(SUSPENSE, (0, 0))[0]:
            told = f"In {name!r} {left} lines were left on suspense by a correction that was confirmed"
            return Finding(False, left, "left_lines", f"{told}: skipped, or never reached after the kill.")
        if wrong or right != found:
            return Finding(
                False, wrong or 1, "wrong_accounts", f"In {name!r} {wrong} lines stand on another account than their own."
            )
        if missing := stats.uncomputed(run, "books", SUSPENDED["north"], RULE_S):
            return Finding(False, missing, "not_computed", f"In {name!r} the rules were not applied to {missing} lines.")
        if rest := _rest(run, kept):
            return Finding(False, rest, "others_moved", f"In {name!r} lines were changed that no correction was asked for.")
        left_new, taken = _to_move(run, kept)
        if left_new:
            return Finding(
                False, len(left_new), "left_lines", f"In {name!r} {left_new[0]} was left on suspense, posted before."
            )
        if taken:
            told = f"In {name!r} {len(taken)} entries were moved that were posted when the correction was long confirmed"
            return Finding(
                False, len(taken), "done_again", f"{told}: it was done a second time when it was asked for again."
            )
    return Finding(True, 0, "whole", "Each line of suspense was moved to its account, once.")


def _rest(run: Run, kept: readings.Kept) -> int:
    """Lines of the southern tenant that were moved though nobody asked for a correction in its name."""
    asked = any(readings.path_of(r)[:1] == ["south"] and "corrections" in r.endpoint for r in run.requests("office->books"))
    return 0 if asked else SUSPENDED["south"] - kept.base("south").get(SUSPENSE, (0, 0))[0]


@check(
    "Each change has its row in the audit, and each row its change",
    needs=("month_end", "kills"), at_most=0, unit="changes and rows without each other", points=3,
    hint="The row is written in the transaction that makes the change, or one of the two can be lost, or never happen.",
    simulated_only=IN_THE_FILE,
)  # fmt: skip
def audited(runs: Mapping[str, Run]) -> Finding:
    """What the file holds when the process has been killed: each change has its row, and each row its change."""
    for name, run in runs.items():
        kept = readings.kept(run)
        if kept.why:
            return Finding(False, 1, "unreadable", f"The file of the books could not be read after {name!r}: {kept.why}.")
        told = Counter[tuple[str, str]]()
        for row in kept.audit:
            if (row.action, row.outcome) == ("post", "done"):
                told[row.tenant, row.object] += row.lines
        booked = {key: len(lines) for key, lines in kept.entries.items()}
        silent = [key for key in booked if not told[key]]
        never = [key for key, lines in told.items() if lines and key not in booked]
        twice = [key for key in booked if told[key] > booked[key]]
        for bad, reason, why in (
            (silent, "no_row", "entries are booked and the audit has no row of them"),
            (never, "never_happened", "entries have a row in the audit and were never booked"),
        ):
            if bad:
                return Finding(False, len(bad), reason, f"After {name!r}, {len(bad)} {why}: {bad[0][1]}.")
        for tenant in SUSPENDED:
            moved = kept.moved(tenant)
            said = sum(a.lines for a in kept.audit if (a.tenant, a.action, a.outcome) == (tenant, "correct", "done"))
            if moved != said:
                reason = "correction_untold" if said < moved else "correction_overtold"
                why = f"{moved} lines of {tenant} had been moved by corrections, and the audit tells of {said}"
                return Finding(False, abs(moved - said), reason, f"After {name!r}, {why}.")
        if twice:
            why = f"entries were booked once, and the audit tells of more lines than they have: {twice[0][1]}"
            return Finding(False, len(twice), "told_twice", f"After {name!r}, {len(twice)} {why}.")
        wrong = [a for a in kept.audit if a.outcome == "done" and a.action in ("post", "correct") and not _true(a)]
        if wrong:
            return Finding(
                False,
                len(wrong),
                "wrong_actor",
                f"After {name!r}, the audit says that {wrong[0].actor} did what others did.",
            )
    return Finding(
        True,
        0,
        "complete",
        "Each change had its row in the audit, and each row its change, whenever the process was killed.",
    )


def _true(row: readings.Audited) -> bool:
    """Is this who posts and corrects for the tenant?"""
    return row.actor == f"{row.tenant}-{'till' if row.action == 'post' else 'office'}"


@check(
    "verify() sees all tampering with the audit, and nothing else",
    needs="kills", at_most=0, unit="copies misjudged", points=3,
    hint="A row's digest covers all of the row and the digest before it. What ends a chain, and what replaces it, only an"
    " anchor outside can tell.",
)  # fmt: skip
def sealed(run: Run) -> Finding:
    """verify() sees all tampering with the audit, and nothing else; the audit is append-only."""
    rows = [
        (told["kind"], told["status"], told["found"], told["said"]) for _, told in stats.logged(run, "office", "verified")
    ]
    exported = stats.logged(run, "office", "exported")
    if not exported or exported[0][1]["rows"] < 10 or len(rows) < 17:
        return Finding(False, 16, "not_verified", f"At second {EXPORT_S:g} there was no audit that could be verified.")
    if failed := [row for row in rows if row[1] != 200]:
        why = f"verify() raised an exception, or did not answer, on {len(failed)} of {len(rows)} copies"
        return Finding(False, len(failed), "verify_fails", f"{why}, first on: {failed[0][0] or 'an untouched one'}.")
    if false := [row for row in rows if not row[0] and row[2]]:
        return Finding(False, len(false), "false_alarm", f"verify() says of an untouched audit: {false[0][3]}")
    missed = [row[0] for row in rows if row[0] and not row[2]]
    if len(missed) > 10:
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
    return Finding(True, 0, "sealed", f"All {len(rows)} copies were judged right.")


@check(
    "Who may do what: each role, each tenant, each path",
    needs="access", at_most=0, unit="probes answered wrongly", points=3,
    hint="One place that every path goes through asks RIGHTS before anything else is looked at. What is another tenant's"
    " does not exist.",
)  # fmt: skip
def access(run: Run) -> Finding:
    """Each probe of the matrix is answered as it must be, from the cache as well."""
    probes = readings.probes(run)
    if not probes:
        return Finding(False, 1, "not_probed", "No probe was answered.")
    wrong: dict[str, list[str]] = {}
    told_none = next((t["told"] for _, t in probes if t["what"] == "none" and t["status"] == 404), "")
    for _, t in probes:
        who = f"{t['role']} of {t['tenant']}, {t['action']} {t['object']}: {t['status']} where {t['right']} belongs"
        if t["status"] != t["right"]:
            if t["what"] == "other" and (t["status"] == 200 or t["right"] == 404):
                reason = "existence_leaked" if t["status"] == 403 else "other_tenant"
            elif t["right"] == 403:
                reason = "unknown_role" if t["role"] not in RIGHTS else "not_refused"
            else:
                reason = "refused_wrongly"
            wrong.setdefault(reason, []).append(who)
        elif t["right"] == 404 and t["told"] != told_none:
            wrong.setdefault("existence_leaked", []).append(who)
        elif t["action"] == "report" and t["status"] == 200 and _of_another(t):
            wrong.setdefault("other_tenant", []).append(f"the {t['role']} of {t['tenant']} got sums that are not its own")
        elif t["action"] == "trail" and t["foreign"]:
            wrong.setdefault("other_tenant", []).append(f"the trail of {t['tenant']} tells of the other tenant")
    total = sum(map(len, wrong.values()))
    if not total:
        return Finding(True, 0, "closed", f"All {len(probes)} probes were answered as they must be.")
    for reason in ("other_tenant", "not_refused", "unknown_role", "existence_leaked", "refused_wrongly"):
        if reason in wrong:
            return Finding(
                False, total, reason, f"{total} of {len(probes)} probes were answered wrongly. {wrong[reason][0]}."
            )
    raise AssertionError(wrong)


def _of_another(told: Mapping[str, str]) -> bool:
    """Are these other sums than the tenant's own, of the closed month? Of the open month, `totals` asks."""
    return told["object"] == CLOSED and told["told"] != digested({"balances": readings.right_report(told["tenant"], CLOSED)})


@check(
    "Each refusal has its row in the audit",
    needs="access", at_most=0, unit="refusals without their row", points=1,
    hint="The place that refuses writes the row, and then raises.",
    simulated_only=IN_THE_FILE,
)  # fmt: skip
def refusals(run: Run) -> Finding:
    """Each answer 403 or 404 of the matrix has a row "refused" with who, what and which object."""
    kept = readings.kept(run)
    if kept.why:
        return Finding(False, 1, "unreadable", f"The file of the books could not be read: {kept.why}.")
    rows = {(a.tenant, a.actor, a.action, a.object) for a in kept.audit if a.outcome == "refused"}
    asked = [(log.request_id, t) for log, t in readings.probes(run) if t["right"] in (403, 404)]
    without = [(user, t) for user, t in asked if (t["tenant"], user, t["action"], t["object"]) not in rows]
    if not asked or without:
        if without and all(t["right"] == 404 for _, t in without):
            told = f"{len(without)} answers 404 have no row in the audit: who tries names is not seen."
            return Finding(False, len(without), "not_found_untold", told)
        return Finding(False, len(without), "untold", f"{len(without)} of {len(asked)} refusals have no row in the audit.")
    return Finding(True, 0, "told", f"All {len(asked)} refusals have their row in the audit.")


@check(
    "What was confirmed is booked, once, and read as it was posted",
    needs=("month_end", "kills", "access"), at_most=0, unit="entries lost, or booked wrongly", keeps=0.0,
    hint="post() returns when its transaction is committed.",
    simulated_only=IN_THE_FILE,
)  # fmt: skip
def booked(runs: Mapping[str, Run]) -> Finding:
    """What was confirmed stands in the file, and every reading was true."""
    for name, run in runs.items():
        kept = readings.kept(run)
        if kept.why:
            return Finding(False, 1, "unreadable", f"The file of the books could not be read after {name!r}: {kept.why}.")
        confirmed = [p for p in readings.postings(run).values() if p.done <= run.info.seconds]
        lost = [p.name for p in confirmed if (p.tenant, p.name) not in kept.entries]
        if lost:
            return Finding(False, len(lost), "lost", f"After {name!r}, {len(lost)} confirmed entries were not in the file.")
        mine = readings.postings(run)
        wrong = [n for (_, n), lines in kept.entries.items() if n in mine and not readings.stands(n, lines)]
        if wrong:
            return Finding(False, len(wrong), "wrong_lines", f"After {name!r}, {wrong[0]} had other lines than were posted.")
    return answered_truly(runs)


@check(
    "On a quiet day everybody is served",
    needs="access", at_least=CALM_GOAL, unit="share answered within 100 ms", keeps=0.0,
    hint='lab.run(scenario="access") names what raised.',
)  # fmt: skip
def served(run: Run) -> Finding:
    """On a quiet day everybody posts and reads."""
    share = readings.soon(run, 0.0, MATRIX_AT_S)
    told = f"{share:.1%} of the requests of a quiet hour were answered within 100 ms"
    return Finding(share >= CALM_GOAL, share, "served" if share >= CALM_GOAL else "not_served", f"{told}.")


CHECKS = (during_report, during_correction, totals, corrected, audited, sealed, access, refusals, booked, served)

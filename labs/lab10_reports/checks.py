"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the office and the vault, which run none, and in the file of books,
which the judge reads when the process has been killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab10_reports import readings
from labs.lab10_reports.correction import corrected
from labs.lab10_reports.data import SUSPENDED
from labs.lab10_reports.rules import RIGHTS
from labs.lab10_reports.scenarios import (
    CORRECTED_AT_S,
    MATRIX_AT_S,
    REPORTS,
    REPORTS_FROM_S,
)  # fmt: skip
from labs.lab10_reports.tampering import sealed

SOON_GOAL = 0.97
CALM_GOAL = 0.98
FIRST_S = 1.0
"""So long from its begin a correction is looked at: no right one is done before, and a wrong one has its lock then."""
SLOW = 0.9
"""With a smaller share before the first report, it is not the report for which everybody waits."""


@check(
    "While reports run, everybody posts and reads at once",
    needs="month_end", at_least=SOON_GOAL, unit="share of requests answered within 100 ms", points=2,
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
    needs="month_end", at_least=SOON_GOAL, unit="share of requests answered within 100 ms", points=2,
    hint="Many short transactions in place of one; what needs no lock is computed outside of them.",
)  # fmt: skip
def during_correction(run: Run) -> Finding:
    """While the correction runs, everybody posts and reads at once."""
    share = readings.soon(run, CORRECTED_AT_S, CORRECTED_AT_S + FIRST_S)
    told = f"{share:.1%} of the requests in the correction's first second were answered within 100 ms, the slowest after"
    told += f" {readings.slowest(run, CORRECTED_AT_S, CORRECTED_AT_S + FIRST_S):.2f} s"
    if not any(c.status == 200 for c in readings.corrections(run)):
        waited = f"The correction was never confirmed, in {readings.in_vain_s(run, ('north',)):.1f} s to the end of the run"
        return Finding(False, share, "no_correction", f"{waited}. {told}.")
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
    needs=("month_end", "access"), at_most=0, unit="false reports", points=3,
    hint="One statement, or one transaction, sees one state. A cache and a summary must change with each change, or not be.",
)  # fmt: skip
def totals(runs: Mapping[str, Run]) -> Finding:
    """Each report balances, and is the state of the books at one moment between its question and its answer."""
    run, quiet = runs["month_end"], runs["access"]
    asked = readings.reports(run)
    unanswered = len(REPORTS) - sum(each.status == 200 for each in asked)
    if unanswered:
        return Finding(False, unanswered, "no_report", f"{unanswered} of {len(REPORTS)} reports were not answered.")
    why = {each.sent: readings.false_report(run, each) for each in asked}
    false = {sent: reason for sent, reason in why.items() if reason}
    if not false:
        return _at_the_heels(quiet, len(asked))
    sent, reason = min(false.items())
    told = f"{len(false)} of {len(asked)} reports were false. The one of second {sent:.1f}: {FALSE[reason]}."
    return Finding(False, len(false), reason, told)


def _at_the_heels(quiet: Run, others: int) -> Finding:
    """Reports that were asked for on the quiet day as soon as a posting, or a correction, was confirmed."""
    heels = readings.heels(quiet, "report")
    late = [told for told in heels if not told["right"]]
    if late:
        told = f"{len(late)} of {len(heels)} reports lacked the entry that was confirmed just before they were asked for"
        return Finding(False, len(late), "stale_at_once", f"{told}; another report was made while it was posted.")
    asked = readings.reports(quiet)
    false = [reason for each in asked if (reason := readings.false_report(quiet, each))]
    if not heels:
        return Finding(False, 1, "no_report", "On the quiet day, no report that was asked for at once was answered.")
    if false:
        told = f"{len(false)} of {len(asked)} reports that followed a confirmed correction at once were false"
        reason = "stale_correction" if false[0] in ("not_moved", "stale") else false[0]
        return Finding(False, len(false), reason, f"{told}: {FALSE[false[0]]}.")
    told = f"All {others + len(heels) + len(asked)} reports balanced, each a state of the books at one moment."
    return Finding(True, 0, "exact", told)


@check(
    "Each change has its row in the audit, and each row its change",
    needs=("month_end", "kills", "access"), at_most=0, unit="changes and rows without each other", points=3,
    hint="The row is written in the transaction that makes the change, or one of the two can be lost, or never happen.",
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
        fewer = [key for key in booked if 0 < told[key] < booked[key]]
        if fewer:
            why = f"entries have a row in the audit that tells of fewer lines than they have: {fewer[0][1]}"
            return Finding(False, len(fewer), "lines_untold", f"After {name!r}, {len(fewer)} {why}.")
        if twice:
            why = f"entries were booked once, and the audit tells of more lines than they have: {twice[0][1]}"
            return Finding(False, len(twice), "told_twice", f"After {name!r}, {len(twice)} {why}.")
        probed = {(t["tenant"], log.request_id) for log, t in readings.probes(run) if t["status"] in (200, 201)}
        done = [a for a in kept.audit if a.outcome == "done" and a.action in ("post", "correct")]
        wrong = [a for a in done if not _true(a) and (a.tenant, a.actor) not in probed]
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
    "Who may do what: each role, each tenant, each path",
    needs="access", at_most=0, unit="probes answered wrongly", points=3,
    hint="One place that every path goes through asks RIGHTS before anything else is looked at. What is another tenant's"
    " does not exist.",
)  # fmt: skip
def access(run: Run) -> Finding:
    """Each probe of the matrix is answered as it must be, from the cache as well."""
    probes = [told for _, told in readings.probes(run)]
    if not probes:
        return Finding(False, 1, "not_probed", "No probe was answered.")
    wrong: dict[str, list[str]] = {}
    for told, reason in zip(probes, readings.misjudged(probes), strict=True):
        if reason:
            wrong.setdefault(reason, []).append(_story(told, reason))
    mixed = [told for told in readings.heels(run, "shared") if told["read"] == 200 and not told["right"]]
    for told in mixed:
        other = f"{told['name']} was read by {told['tenant']} with lines of the other tenant's entry of this name."
        wrong.setdefault("other_tenant", []).append(other)
    total = sum(map(len, wrong.values()))
    if not total:
        return Finding(True, 0, "closed", f"All {len(probes)} probes were answered as they must be.")
    for reason in REASONS:
        if reason in wrong:
            return Finding(
                False,
                total,
                reason,
                f"{total} of {len(probes) + len(mixed)} probes were answered wrongly. {wrong[reason][0]}",
            )
    raise AssertionError(wrong)


REASONS = ("other_tenant", "not_refused", "unknown_role", "existence_leaked", "refused_wrongly", "done_before_asked")
"""Why a probe can be answered wrongly, the first to be told first."""


def _story(told: Mapping[str, str], reason: str) -> str:
    """A probe that was answered wrongly, in words."""
    who = f"{told['role'] if told['role'] in RIGHTS else repr(told['role'])} of {told['tenant']}"
    if reason == "other_tenant" and told["status"] == told["right"]:
        what = "tells of the other tenant" if told["action"] == "trail" else "has sums that are not its own"
        return f"The {told['action']} that the {who} got {what}."
    was = f"{who}, {told['action']} {told['object']}: {told['status']} where {told['right']} belongs"
    return was + (
        "; it had been done before, and was answered before the role was looked at."
        if reason == "done_before_asked"
        else "."
    )


@check(
    "Each refusal has its row in the audit",
    needs=("access", "kills"), at_most=0, unit="refusals without their row", points=1,
    hint="The place that refuses writes the row, and then raises.",
)  # fmt: skip
def refusals(runs: Mapping[str, Run]) -> Finding:
    """Each answer 403 or 404 of the matrix has a row "refused" with who, what and which object, when it is answered."""
    run = runs["access"]
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
    later = [told for told in readings.heels(run, "refused") if not told["right"]]
    if later:
        told = f"{len(later)} refusals had no row yet when they were answered: an auditor looked for it at once"
        return Finding(False, len(later), "told_later", f"{told}. A kill loses such rows.")
    counted = Counter[tuple[str, str, str, str]]()
    for a in kept.audit:
        if a.outcome == "refused":
            counted[a.tenant, a.actor, a.action, a.object] += a.rows
    twice = readings.heels(run, "refused twice")
    one = [t for t in twice if counted[t["tenant"], t["user"], t["action"], t["name"]] < t["refused"]]
    if one:
        told = f"{len(one)} of {len(twice)} requests that were refused twice, one after the other, have fewer than two rows"
        return Finding(False, len(one), "told_once", f"{told}: who insists is not seen.")
    kept = readings.kept(runs["kills"])
    rows = {(a.tenant, a.actor, a.action, a.object) for a in kept.audit if a.outcome == "refused"}
    told_to = [t for _, t in stats.logged(runs["kills"], "office", "rush") if t["status"] in (403, 404)]
    lost = [t for t in told_to if ("north", t["user"], t["kind"], t["object"]) not in rows]
    if lost and not kept.why:
        told = f"{len(lost)} refusals had no row in the audit when the process was killed."
        return Finding(False, len(lost), "lost", told)
    return Finding(True, 0, "told", f"All {len(asked)} refusals have their row in the audit.")


@check(
    "What was confirmed is booked, once, and read as it was posted",
    needs=("month_end", "kills", "access"), at_most=0, unit="entries lost, or booked wrongly", keeps=0.0,
    hint="post() returns when its transaction is committed.",
)  # fmt: skip
def booked(runs: Mapping[str, Run]) -> Finding:
    """What was confirmed stands in the file, also at the heels of its confirmation, and every reading was true."""
    if early := _early(runs["access"]):
        return early
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
    rushed = [(log.request_id, t) for log, t in stats.logged(runs["kills"], "office", "rush") if t["kind"] == "post"]
    entries = readings.kept(runs["kills"]).entries
    lost = [name for name, t in rushed if t["status"] == 201 and ("north", name) not in entries]
    if lost:
        told = f"{len(lost)} entries that were confirmed just before a kill were not in the file: {lost[0]}."
        return Finding(False, len(lost), "lost", told)
    true = answered_truly(runs)
    told = "Each confirmed entry was in the file, and could be read as soon as it was confirmed, as it was posted."
    return Finding(True, 0, true.reason, told) if true.passed else true


EARLY = {
    "lone": ("not_yet", "entries could not be read as soon as they were confirmed"),
    "burst": ("not_yet", "entries could not be read as soon as they were confirmed, among others that came at once"),
    "twice": ("twice_not_yet", "entries that came twice at once were confirmed before they were booked"),
    "shared": ("one_name", "entries could not be read whose name the other tenant had given to an entry of its own"),
}


def _early(quiet: Run) -> Finding | None:
    """Entries of the quiet day that were not there when they were read at the heels of their confirmation."""
    for kind, (reason, why) in EARLY.items():
        heels = readings.heels(quiet, kind)
        wrong = [told for told in heels if told["status"] == 201 and not told["right"]]
        if kind == "shared":  # the lines of the other tenant's entry: `access` asks for that
            wrong = [told for told in wrong if told["read"] == 404]
        if wrong:
            told = f"{len(wrong)} of {len(heels)} {why}: {wrong[0]['name']} was answered {wrong[0]['read']}."
            return Finding(False, len(wrong), reason, told)
        if not heels or any(told["status"] != 201 for told in heels):
            return Finding(False, 1, "unanswered", f"Entries of a quiet day ({kind}) were never confirmed.")
    return None


@check(
    "On a quiet day everybody is served",
    needs="access", at_least=CALM_GOAL, unit="share of requests answered within 100 ms", keeps=0.0,
    hint='lab.run(scenario="access") names what raised.',
)  # fmt: skip
def served(run: Run) -> Finding:
    """On a quiet day everybody posts and reads."""
    share = readings.soon(run, 0.0, MATRIX_AT_S)
    told = f"{share:.1%} of the requests of a quiet hour were answered within 100 ms"
    return Finding(share >= CALM_GOAL, share, "served" if share >= CALM_GOAL else "not_served", f"{told}.")


CHECKS = (during_report, during_correction, totals, corrected, audited, sealed, access, refusals, booked, served)

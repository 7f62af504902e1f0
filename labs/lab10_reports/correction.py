"""The check of the bulk correction: each line of suspense stands where it belongs, once, whatever was killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labs.kit import Finding, Run, check, stats
from labs.lab10_reports import readings
from labs.lab10_reports.data import SUSPENDED, posting
from labs.lab10_reports.rules import RULE_S, SUSPENSE


def _confirmed(run: Run) -> dict[str, list[readings.Asked]]:
    """The corrections that were confirmed, by tenant."""
    found: dict[str, list[readings.Asked]] = {}
    for each in readings.corrections(run):
        if each.status == 200:
            found.setdefault(each.tenant, []).append(each)
    return found


def _to_move(run: Run, kept: readings.Kept, tenant: str) -> tuple[list[str], list[str]]:
    """Entries left on suspense that had to be moved, and entries moved that came after the correction's end."""
    ended = _confirmed(run)[tenant]
    begun = min(c.sent for c in ended)
    end = max(min(c.done for c in ended if c.name == name) for name in {c.name for c in ended})
    left, taken = [], []
    for name, each in readings.postings(run).items():
        lines = kept.entries.get((each.tenant, name), [])
        if posting(name)[0] != SUSPENSE or each.tenant != tenant or not lines:
            continue
        stays = any(account == SUSPENSE for account, _ in lines)
        if stays and each.done < begun:
            left.append(name)
        if not stays and each.sent > end:
            taken.append(name)
    return left, taken


def _gone(lines: Iterable[tuple[str, int]]) -> bool:
    """Does none of these lines stand on suspense?"""
    return all(account != SUSPENSE for account, _ in lines)


def _after_a_restart(run: Run, kept: readings.Kept, tenant: str) -> str:
    """The entry that a correction has moved which had been confirmed before a restart, before the entry was posted."""
    for told in readings.heels(run, "restarted"):
        done = min((c.done for c in _confirmed(run)[tenant]), default=told["sent"])
        lines = kept.entries.get((tenant, told["name"]), [])
        if told["tenant"] == tenant and told["status"] == 201 and done < told["sent"] and lines and _gone(lines):
            return str(told["name"])
    return ""


@check(
    "The correction is done whole and once, also over a kill",
    needs=("month_end", "kills", "access"), at_most=0, unit="lines that stand where they do not belong", points=2,
    hint="The correction's name, how far it must go and whether it is done belong into the database, with its slices.",
)  # fmt: skip
def corrected(runs: Mapping[str, Run]) -> Finding:
    """The correction is done whole and once."""
    for name, run in runs.items():
        kept = readings.kept(run)
        if kept.why:
            return Finding(False, 1, "unreadable", f"The file of the books could not be read after {name!r}: {kept.why}.")
        confirmed = _confirmed(run)
        if missing := {"north", *(["south"] if name == "access" else [])} - set(confirmed):
            told = f"In {name!r} a correction was never confirmed, in {readings.in_vain_s(run, missing):.1f} s"
            return Finding(False, SUSPENDED["north"], "no_correction", f"{told} to the end of the run.")
        for tenant in confirmed:
            right, found = readings.right_base(tenant), kept.base(tenant)
            wrong = sum(abs(right.get(a, (0, 0))[0] - found.get(a, (0, 0))[0]) for a in {*right, *found})
            if left := found.get(SUSPENSE, (0, 0))[0]:
                told = f"In {name!r} {left} lines of {tenant} were left on suspense by a correction that was confirmed"
                if tenant == "south":
                    return Finding(False, left, "one_name", f"{told}: the north had asked for one of the same name.")
                return Finding(False, left, "left_lines", f"{told}: skipped, or never reached after the kill.")
            if wrong or right != found:
                told = f"In {name!r} {wrong} lines stand on another account than their own."
                return Finding(False, wrong or 1, "wrong_accounts", told)
        if fewer := stats.uncomputed(run, "books", sum(SUSPENDED[tenant] for tenant in confirmed), RULE_S):
            return Finding(False, fewer, "not_computed", f"In {name!r} the rules were not applied to {fewer} lines.")
        if rest := _rest(run, kept):
            return Finding(False, rest, "others_moved", f"In {name!r} lines were changed that no correction was asked for.")
        for tenant in confirmed:
            left_new, taken = _to_move(run, kept, tenant)
            if left_new:
                told = f"In {name!r} {left_new[0]} was left on suspense, posted before."
                return Finding(False, len(left_new), "left_lines", told)
            if again := _after_a_restart(run, kept, tenant):
                told = (
                    f"In {name!r} {again} was moved, posted long after the correction was confirmed: the process was killed"
                )
                return Finding(
                    False, 1, "done_after_restart", f"{told} between, and then the correction was asked for again."
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

"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire, by the database, which counts what it does, and by the
partner, which knows what the answers must be. Counts and database time come from the scenario `quiet`, part by part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from labs.kit import Finding, Run, answered_truly, check
from labs.lab03_database import readings
from labs.lab03_database.data import ORDERS
from labs.lab03_database.readings import ARCHIVE, IMPORT, LINK, LOAD, PAGE, PARTNER, answers, in_part, part, reads, work_of
from labs.lab03_database.scenarios import BEFORE_S
from labs.lab03_database.truth import WRONG

SCAN_GOAL = 1_000
WORK_GOAL_MS = 1.5
STATEMENTS_GOAL = 4
PAGING_GOAL_MS = 1.0
IMPORTS_GOAL = 1
FEW = 4
"""Transactions for a file that cost little; what they cost is that a file can be stored by half."""
SALE_S = 0.5
SALE_GOAL = 0.9
ANSWERED_GOAL = 0.8
WRITE_GOAL = 4.5
FEWEST = 4
"""Answers that the partner must have been given for what rests on them to say anything."""
READ_ROWS = 100
"""Rows a page that a statement may give out before it counts as reading more than is shown; right ones give up to 61."""
KEPT_PAGES = 0.3
"""Up to this share, pages may come without a query: `fresh` judges caches. Pages kept for 3 s are 0.12 of all, made-up ones
0.93; of right repairs each page has a query (47 runs)."""
SORT = "USE TEMP B-TREE FOR"  # ORDER BY, or for its last columns alone


def _nothing(measured: float, what: str) -> Finding:
    """The finding of a check for which a run holds nothing to look at; `measured` is worse than its goal."""
    return Finding(False, measured, "nothing_to_see", f"The scenario 'quiet' saw no {what}, so nothing can be told of them.")


# Customers' pages ---------------------------------------------------------------------------------------------------


def _scans(texts: Sequence[str]) -> list[str]:
    """The lines of plans that walk through a whole table or index of ours, not through rows a subquery made."""
    return [text for text in texts if text.startswith("SCAN ") and not text.startswith("SCAN (")]


def _scanned(run: Run) -> float:
    """Rows and index entries that full scans stepped over, for one page."""
    chosen = reads(run, PAGE)
    work = work_of(chosen)
    if work.known:
        return work.scanned / in_part(run, PAGE)
    return float(ORDERS if any(" orders" in text for text in _scans(readings.plan_texts(run, chosen))) else 0)


@check(
    "A page finds its orders by an index",
    needs="quiet", at_most=SCAN_GOAL, unit="rows stepped over by full scans, for a page", points=2,
    hint="EXPLAIN QUERY PLAN: SEARCH goes straight to the rows, SCAN walks through all, with an index or without. An"
    " index is sorted by its first column, so that must be the one that is compared.",
)  # fmt: skip
def scan(run: Run) -> Finding:
    """A page finds its orders without a walk through all of them."""
    chosen = reads(run, PAGE)
    if not in_part(run, PAGE) or not chosen:
        return _nothing(ORDERS, "page")
    count = _scanned(run)
    told = f"For one page, full scans stepped over {count:,.0f} rows or index entries"
    if count <= SCAN_GOAL:
        return Finding(True, count, "finds", f"{told}.")
    lines = _scans(readings.plan_texts(run, chosen))
    if by_index := next((line for line in lines if "INDEX" in line), ""):
        why = "an index is walked from end to end, because the customer is not its first column."
        return Finding(False, count, "scans_index", f"{told}. The plan says {by_index!r}: {why}")
    why = "no index fits the condition as it is written."
    return Finding(False, count, "scans_table", f"{told}. The plan says {next(iter(lines), 'SCAN')!r}: {why}")


@check(
    "And reads no more of them than it shows",
    needs="quiet", at_most=WORK_GOAL_MS, unit="ms of database time for a page", points=2,
    hint="A reseller has 1,500 orders, a page shows 20. With the column it is sorted by as the second one of the index,"
    " the database reads 20 entries and stops.",
)  # fmt: skip
def work(run: Run) -> Finding:
    """A page reads and sorts no more orders than it shows."""
    chosen, pages = reads(run, PAGE), in_part(run, PAGE)
    if not pages or not chosen:
        return _nothing(WORK_GOAL_MS + 1, "page")
    cost = 1000 * sum(s.database_s for s in chosen) / pages
    done, most = work_of(chosen), max(s.rows for s in chosen)
    read = (done.hits + done.misses) / pages
    told = f"One page costs {cost:.2f} ms of database time: {done.steps / pages:,.0f} steps, {read:,.0f} pages read"
    if cost <= WORK_GOAL_MS:
        return Finding(True, cost, "cheap", f"{told}.")
    if _scanned(run) > SCAN_GOAL:
        return Finding(False, cost, "reads_everything", f"{told}. Most of it is the full scan.")
    if most > READ_ROWS:
        why = f"One statement gave out {most:,} rows, and a page shows 20 orders."
        return Finding(False, cost, "reads_all", f"{told}. {why}")
    if any(SORT in text for text in readings.plan_texts(run, chosen)):
        why = "all orders of a customer are fetched and sorted for the 20 newest."
        return Finding(False, cost, "sorts_all", f"{told}. The plan says '{SORT} ...': {why}")
    return Finding(False, cost, "costly", f"{told}. The plans are in the run's record, as events 'plan'.")


@check(
    "In few statements",
    needs="quiet", at_most=STATEMENTS_GOAL, unit="statements for a page", points=2,
    hint="The items of all 20 orders can come in one statement: a join, or WHERE order_id IN (?, ?, ...).",
)  # fmt: skip
def statements(run: Run) -> Finding:
    """A page takes few statements, however many orders it shows."""
    chosen, pages = reads(run, PAGE), in_part(run, PAGE)
    if not pages or not chosen:
        return _nothing(STATEMENTS_GOAL + 1, "page")
    count = len(chosen) / pages
    told = f"The database executed {_plural(count, 'statement')} for one page"
    if count <= STATEMENTS_GOAL:
        return Finding(True, count, "few", f"{told}.")
    if _overlap(run):
        why = "That they are sent at once hides the waiting, not the work."
        return Finding(False, count, "n_plus_one_at_once", f"{told}. {why}")
    return Finding(False, count, "n_plus_one", f"{told}: one for the orders, and one for the items of each.")


def _overlap(run: Run) -> bool:
    """Were most statements of the pages sent while another of the same request was under way, as seen on the wire?"""
    rows = [r for r in run.requests(LINK) if r.request_id and r.done is not None]
    done: dict[str, float] = {}
    overlapping = 0
    for row in sorted(rows, key=lambda r: r.sent):
        overlapping += row.sent < done.get(row.request_id, 0.0)
        done[row.request_id] = max(done.get(row.request_id, 0.0), row.done or 0.0)
    return overlapping > len(rows) / 2


def _plural(count: float, noun: str) -> str:
    shown = f"{round(count, 1):g}"
    return f"{shown} {noun}{'s' * (shown != '1')}"


# The archive and the imports ----------------------------------------------------------------------------------------


@check(
    "Deep pages of the archive cost what the first one costs",
    needs="quiet", at_most=PAGING_GOAL_MS, unit="ms of database time for a page", points=2,
    hint="archive() is given the id of the last order before the page. An index finds it at once: WHERE id > ?.",
)  # fmt: skip
def paging(run: Run) -> Finding:
    """A page far back in the archive costs no more than the first one."""
    chosen, pages = reads(run, ARCHIVE), readings.partner_got(run, ARCHIVE)
    if pages < FEWEST or not chosen:
        return _nothing(PAGING_GOAL_MS + 1, "answered page of the archive")
    cost = 1000 * sum(s.database_s for s in chosen) / pages
    told = f"One deep page of the archive costs {cost:.2f} ms of database time"
    if cost <= PAGING_GOAL_MS:
        return Finding(True, cost, "seeks", f"{told}.")
    if any("OFFSET" in s.sql.upper() for s in chosen):
        why = "OFFSET reads all the rows that it leaves out."
        return Finding(False, cost, "offset_walks", f"{told}, and the later the page, the more: {why}")
    return Finding(False, cost, "costly", f"{told}. How does the statement find its first row?")


@check(
    "A file is stored in one go",
    needs="quiet", at_most=IMPORTS_GOAL, unit="transactions for a file", points=2,
    hint="execute() is a transaction of its own. transaction() takes all orders and all items of a file in one.",
)  # fmt: skip
def imports(run: Run) -> Finding:
    """A file of orders is stored in one transaction."""
    files = readings.partner_got(run, IMPORT)
    if not files:
        return _nothing(IMPORTS_GOAL + 1, "answered import")
    count = sum(s.commits for s in part(run, IMPORT)) / files
    half = next((a.told for a in answers(run) if a.wrong == "by_half"), "")
    told = f"One file of {readings.orders_in_file(run)} orders took {_plural(count, 'transaction')}"
    if 0 < count <= IMPORTS_GOAL and half:
        why = f"A larger one, whose last order had an id that was taken, was stored by half. {half}."
        return Finding(False, IMPORTS_GOAL + 1, "stored_by_half", f"{told}. {why}")
    if 0 < count <= IMPORTS_GOAL:
        return Finding(True, count, "together", f"{told}.")
    if not count:
        return Finding(False, IMPORTS_GOAL + 1, "nothing_stored", f"{told}: nothing was stored while the imports came.")
    if count < FEW:
        why = "if the second fails, the shop has orders without their items"
        return Finding(False, count, "not_in_one", f"{told}: {why}.")
    return Finding(False, count, "transaction_a_row", f"{told}, and each waits for the network and for the disk.")


# Everything at once -------------------------------------------------------------------------------------------------


@check(
    "Customers get their page in the sale",
    needs="sale", at_least=SALE_GOAL, unit=f"share of pages within {SALE_S:g} s", points=3,
    hint="The database serves two statements at a time. Pages a second, times the database time of one, must stay well"
    " under two.",
)  # fmt: skip
def sale(run: Run) -> Finding:
    """Customers get their page in the sale."""
    share, refused = readings.in_time(run, SALE_S, BEFORE_S), readings.timed_out(run, BEFORE_S)
    told = f"{share:.1%} of the pages asked for since the sale began came within {SALE_S:g} s; {refused:.1%} were 504s"
    if share >= SALE_GOAL:
        return Finding(True, share, "in_time", f"{told}.")
    if refused > (1 - share) / 2:
        why = "statements waited in the database's line for longer than their callers did."
        return Finding(False, share, "database_timeouts", f"Only {told}: {why}")
    return Finding(False, share, "too_slow", f"Only {told}: the others failed, or came late, or not at all.")


# Gates: what broken code keeps, and a repair must not break ---------------------------------------------------------


@check(
    "The shop answers when little is asked",
    needs="quiet", at_least=ANSWERED_GOAL, unit="share of pages answered", keeps=0.0,
    hint="Run the scenario 'quiet' with your repair, and look at lab.slow_queries(run).",
)  # fmt: skip
def answered(run: Run) -> Finding:
    """With one thing at a time, the shop answers."""
    seen = [r for link in (LOAD, PARTNER) for r in run.requests(link) if r.endpoint == PAGE]
    share = sum(r.ok for r in seen) / len(seen) if seen else 0.0
    told = f"{share:.1%} of {len(seen)} pages were answered in the scenario 'quiet'"
    if share >= ANSWERED_GOAL:
        return Finding(True, share, "answered", f"{told}.")
    late = sum(r.status == 504 for r in seen)
    if 2 * late > sum(not r.ok for r in seen):
        why = f"{late} ended with 504, though nothing else was going on."
        return Finding(False, share, "database_timeouts", f"{told}; {why}")
    return Finding(False, share, "requests_fail", f"{told}; a run of lab.run() names the line that raised.")


def _wrong(run: Run, subjects: Sequence[str], kinds: Iterable[str], told: str) -> Finding:
    """Whether an answer about one of the subjects has one of these faults; `told` if none has."""
    given = [a for a in answers(run) if a.subject in subjects and a.status == 200]
    if len(given) < FEWEST:
        few = f"The partner was given {len(given)} answers to look at; {FEWEST} are needed to tell."
        return Finding(False, FEWEST - len(given), "nothing_to_see", few)
    bad = [a for a in given if a.wrong in kinds]
    if not bad:
        return Finding(True, 0, "right", told)
    first = min(bad, key=lambda a: list(WRONG).index(a.wrong))
    message = f"{len(bad)} of {len(given)} answers were wrong: {WRONG[first.wrong]}. {first.told}."
    return Finding(False, len(bad), first.wrong, message)


@check(
    "Pages are right and whole",
    needs="quiet", at_most=0, unit="wrong answers", keeps=0.0,
    hint="The 20 newest orders by created_at, then by id, each with all its items by line. A LIMIT on a join counts rows"
    " of the join.",
)  # fmt: skip
def right_answers(run: Run) -> Finding:
    """Pages and archive show the right orders, in the right sequence, whole."""
    kinds = WRONG.keys() - {"stale"}
    return _wrong(run, ("page", "archive", "between", "stalled"), kinds, "Every page that the partner was given was right.")


@check(
    "Changes show at once",
    needs="quiet", at_most=0, unit="stale pages", keeps=0.0,
    hint="The warehouse writes to the database, not through this API: nothing tells a cache that an order has changed.",
)  # fmt: skip
def fresh(run: Run) -> Finding:
    """What the warehouse changed is shown at once."""
    return _wrong(run, ("page",), ("stale",), "Every change by the warehouse was on the next page that was asked for.")


@check(
    "An answered import is stored",
    needs="quiet", at_most=0, unit="pages without the import", keeps=0.5,
    hint="take_in() must not return before the database has said that the orders are stored.",
)  # fmt: skip
def imported(run: Run) -> Finding:
    """An import that was answered is stored."""
    stored = "Orders were on their customer's page as soon as their import was answered."
    found = _wrong(run, ("import", "taken"), WRONG, stored)
    if found.passed or found.reason in ("nothing_to_see", "taken_id"):
        return found
    if _wrong(run, ("page",), WRONG, "").reason == found.reason:  # wrong with other pages, too: not the import's fault
        return Finding(True, 0, "not_the_import", "The pages after an import are wrong, but no more so than other pages.")
    return Finding(False, found.measured, "not_there", f"The page of a customer, right after an import: {found.message}")


@check(
    "Imports do not pay for needless indexes",
    needs="quiet", at_most=WRITE_GOAL, unit="pages fetched to store an order", keeps=0.5,
    hint="Each index has an entry for each row, on a page of its own that must be fetched and written. Keep those that a"
    " statement uses.",
)  # fmt: skip
def write_cost(run: Run) -> Finding:
    """Imports do not pay for indexes that nobody needs."""
    stored = readings.partner_got(run, IMPORT) * readings.orders_in_file(run)
    if not stored:
        return _nothing(WRITE_GOAL + 1, "answered import")
    count = work_of(s for s in part(run, IMPORT) if s.commits).misses / stored
    told = f"To store one order, the database fetched {count:.1f} pages"
    if count <= WRITE_GOAL:
        return Finding(True, count, "few_indexes", f"{told}.")
    return Finding(False, count, "too_many_indexes", f"{told}: each index has a page of its own for each row.")


@check(
    "Customers get their page",
    needs=("quiet", "sale"), at_most=0, unit="answers that are none", keeps=0.0,
    hint="A page shows the last 20 orders, each with its items. Without the database there is an error, and no page.",
)  # fmt: skip
def true_answers(runs: Mapping[str, Run]) -> Finding:
    """A page has 20 orders with their items, the newest first, in a rush as well; and the database was asked for them."""
    found = answered_truly(runs)
    unread = [r for run in runs.values() for r in readings.unread(run)]
    given = sum(r.ok for run in runs.values() for r in run.requests(LOAD))
    if not found.passed or len(unread) <= KEPT_PAGES * given:
        return found
    told = f"For {len(unread)} of {given} pages, such as that of {unread[0].request_id}, the database had answered no query"
    why = "since they were asked for. The warehouse writes to it behind the API's back: it alone knows what belongs there."
    return Finding(False, len(unread), "never_asked", f"{told} {why}")


CHECKS = (
    scan, work, statements, paging, imports, sale, answered, true_answers, right_answers, fresh, imported, write_cost,
)  # fmt: skip

"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire, by the database, which counts what it does, and by the
partner, which knows what the answers must be. Counts and database time come from the scenario `quiet`, part by part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labs.kit.model.lab import Check
from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding
from labs.lab03_database.data import ORDERS
from labs.lab03_database.gates import (
    ANSWERED_GOAL,
    FEWEST,
    WRITE_GOAL,
    answered,
    fresh,
    imported,
    nothing,
    orders_in_file,
    partner_got,
    right_answers,
    write_cost,
)
from labs.lab03_database.readings import (
    ARCHIVE,
    IMPORT,
    PAGE,
    Statement,
    in_part,
    in_time,
    part,
    plan_texts,
    timed_out,
    work_of,
)
from labs.lab03_database.scenarios import BEFORE_S

SCAN_GOAL = 1_000
WORK_GOAL_MS = 1.5
STATEMENTS_GOAL = 4
PAGING_GOAL_MS = 1.0
IMPORTS_GOAL = 1
FEW = 4
"""Transactions for a file that cost little; what they cost is that a file can be stored by half."""
SALE_S = 0.5
SALE_GOAL = 0.9
READ_ROWS = 100
"""Rows a page that a statement may give out before it counts as reading more than is shown; right ones give up to 61."""
SORT = "USE TEMP B-TREE FOR"  # ORDER BY, or for its last columns alone


def _reading(run: Run, endpoint: str) -> list[Statement]:
    """The reading statements of one part of `quiet`."""
    return [s for s in part(run, endpoint) if not s.commits]


def _scans(texts: Sequence[str]) -> list[str]:
    """The lines of plans that walk through a whole table or index of ours, not through rows a subquery made."""
    return [text for text in texts if text.startswith("SCAN ") and not text.startswith("SCAN (")]


# Customers' pages ---------------------------------------------------------------------------------------------------


def _scanned(run: Run) -> float:
    """Rows and index entries that full scans stepped over, for one page."""
    chosen = _reading(run, PAGE)
    work = work_of(chosen)
    if work.known:
        return work.scanned / in_part(run, PAGE)
    return float(ORDERS if any(" orders" in text for text in _scans(plan_texts(run, chosen))) else 0)


def scan(runs: Mapping[str, Run]) -> Finding:
    """A page finds its orders without a walk through all of them."""
    run = runs["quiet"]
    if not in_part(run, PAGE) or not _reading(run, PAGE):
        return nothing(ORDERS, "page")
    count = _scanned(run)
    told = f"For one page, full scans stepped over {count:,.0f} rows or index entries"
    if count <= SCAN_GOAL:
        return Finding(True, count, "finds", f"{told}.")
    lines = _scans(plan_texts(run, _reading(run, PAGE)))
    by_index = next((line for line in lines if "INDEX" in line), "")
    shown = by_index or next(iter(lines), "SCAN")
    if by_index:
        why = "an index is walked from end to end, because the customer is not its first column."
        return Finding(False, count, "scans_index", f"{told}. The plan says {shown!r}: {why}")
    return Finding(
        False, count, "scans_table", f"{told}. The plan says {shown!r}: no index fits the condition as it is written."
    )


def work(runs: Mapping[str, Run]) -> Finding:
    """A page reads and sorts no more orders than it shows."""
    run = runs["quiet"]
    chosen, pages = _reading(run, PAGE), in_part(run, PAGE)
    if not pages or not chosen:
        return nothing(WORK_GOAL_MS + 1, "page")
    cost = 1000 * sum(s.database_s for s in chosen) / pages
    all_work = work_of(chosen)
    read = (all_work.hits + all_work.misses) / pages
    told = f"One page costs {cost:.2f} ms of database time: {all_work.steps / pages:,.0f} steps, {read:,.0f} pages read"
    if cost <= WORK_GOAL_MS:
        return Finding(True, cost, "cheap", f"{told}.")
    if _scanned(run) > SCAN_GOAL:
        return Finding(False, cost, "reads_everything", f"{told}. Most of it is the full scan.")
    if max(s.rows for s in chosen) > READ_ROWS:
        most = max(s.rows for s in chosen)
        return Finding(
            False, cost, "reads_all", f"{told}. One statement gave out {most:,} rows, and a page shows 20 orders."
        )
    if any(SORT in text for text in plan_texts(run, chosen)):
        why = "all orders of a customer are fetched and sorted for the 20 newest."
        return Finding(False, cost, "sorts_all", f"{told}. The plan says '{SORT} ...': {why}")
    return Finding(False, cost, "costly", f"{told}. The plans are in the run's record, as events 'plan'.")


def statements(runs: Mapping[str, Run]) -> Finding:
    """A page takes few statements, however many orders it shows."""
    run = runs["quiet"]
    chosen, pages = _reading(run, PAGE), in_part(run, PAGE)
    if not pages or not chosen:
        return nothing(STATEMENTS_GOAL + 1, "page")
    count = len(chosen) / pages
    told = f"The database executed {_plural(count, 'statement')} for one page"
    if count <= STATEMENTS_GOAL:
        return Finding(True, count, "few", f"{told}.")
    if _overlap(run):
        return Finding(
            False, count, "n_plus_one_at_once", f"{told}. That they are sent at once hides the waiting, not the work."
        )
    return Finding(False, count, "n_plus_one", f"{told}: one for the orders, and one for the items of each.")


def _overlap(run: Run) -> bool:
    """Were most statements of the pages sent while another of the same request was under way, as seen on the wire?"""
    rows = [r for r in run.requests("orders->db") if r.request_id and r.done is not None]
    done: dict[str, float] = {}
    overlapping = 0
    for row in sorted(rows, key=lambda r: r.sent):
        overlapping += row.sent < done.get(row.request_id, 0.0)
        done[row.request_id] = max(done.get(row.request_id, 0.0), row.done or 0.0)
    return overlapping > len(rows) / 2


# The archive and the imports ----------------------------------------------------------------------------------------


def paging(runs: Mapping[str, Run]) -> Finding:
    """A page far back in the archive costs no more than the first one."""
    run = runs["quiet"]
    chosen, pages = _reading(run, ARCHIVE), partner_got(run, "archive")
    if pages < FEWEST or not chosen:
        return nothing(PAGING_GOAL_MS + 1, "answered page of the archive")
    cost = 1000 * sum(s.database_s for s in chosen) / pages
    told = f"One deep page of the archive costs {cost:.2f} ms of database time"
    if cost <= PAGING_GOAL_MS:
        return Finding(True, cost, "seeks", f"{told}.")
    if any("OFFSET" in s.sql.upper() for s in chosen):
        why = "OFFSET reads all the rows that it leaves out."
        return Finding(False, cost, "offset_walks", f"{told}, and the later the page, the more: {why}")
    return Finding(False, cost, "costly", f"{told}. How does the statement find its first row?")


def imports(runs: Mapping[str, Run]) -> Finding:
    """A file of orders is stored in one transaction."""
    run = runs["quiet"]
    files = partner_got(run, "import")
    if not files:
        return nothing(IMPORTS_GOAL + 1, "answered import")
    count = sum(s.commits for s in part(run, IMPORT)) / files
    told = f"One file of {orders_in_file(run)} orders took {_plural(count, 'transaction')}"
    if 0 < count <= IMPORTS_GOAL:
        return Finding(True, count, "together", f"{told}.")
    if not count:
        return Finding(False, IMPORTS_GOAL + 1, "nothing_stored", f"{told}: nothing was stored while the imports came.")
    if count < FEW:
        half = "if the second fails, the shop has orders without their items"
        return Finding(False, count, "not_in_one", f"{told}: {half}.")
    return Finding(False, count, "transaction_a_row", f"{told}, and each waits for the network and for the disk.")


def _plural(count: float, noun: str) -> str:
    shown = f"{round(count, 1):g}"
    return f"{shown} {noun}{'s' * (shown != '1')}"


# Everything at once -------------------------------------------------------------------------------------------------


def sale(runs: Mapping[str, Run]) -> Finding:
    """Customers get their page in the sale."""
    run = runs["sale"]
    share, refused = in_time(run, SALE_S, BEFORE_S), timed_out(run, BEFORE_S)
    told = f"{share:.1%} of the pages asked for since the sale began came within {SALE_S:g} s; {refused:.1%} were 504s"
    if share >= SALE_GOAL:
        return Finding(True, share, "in_time", f"{told}.")
    if refused > (1 - share) / 2:
        why = "statements waited in the database's line for longer than their callers did."
        return Finding(False, share, "database_timeouts", f"Only {told}: {why}")
    return Finding(False, share, "too_slow", f"Only {told}: the others failed, or came late, or not at all.")


CHECKS = (
    Check(
        name="scan",
        title="A page finds its orders by an index",
        needs=("quiet",),
        judge=scan,
        goal=SCAN_GOAL,
        bound="at most",
        unit="rows stepped over by full scans, for a page",
        points=2,
        hint="EXPLAIN QUERY PLAN: SEARCH goes straight to the rows, SCAN walks through all, with an index or without. An"
        " index is sorted by its first column, so that must be the one that is compared.",
    ),
    Check(
        name="work",
        title="And reads no more of them than it shows",
        needs=("quiet",),
        judge=work,
        goal=WORK_GOAL_MS,
        bound="at most",
        unit="ms of database time for a page",
        points=2,
        hint="A reseller has 1,500 orders, a page shows 20. With the column it is sorted by as the second one of the index,"
        " the database reads 20 entries and stops.",
    ),
    Check(
        name="statements",
        title="In few statements",
        needs=("quiet",),
        judge=statements,
        goal=STATEMENTS_GOAL,
        bound="at most",
        unit="statements for a page",
        points=2,
        hint="The items of all 20 orders can come in one statement: a join, or WHERE order_id IN (?, ?, ...).",
    ),
    Check(
        name="paging",
        title="Deep pages of the archive cost what the first one costs",
        needs=("quiet",),
        judge=paging,
        goal=PAGING_GOAL_MS,
        bound="at most",
        unit="ms of database time for a page",
        points=2,
        hint="archive() is given the id of the last order before the page. An index finds it at once: WHERE id > ?.",
    ),
    Check(
        name="imports",
        title="A file is stored in one go",
        needs=("quiet",),
        judge=imports,
        goal=IMPORTS_GOAL,
        bound="at most",
        unit="transactions for a file",
        points=2,
        hint="execute() is a transaction of its own. transaction() takes all orders and all items of a file in one.",
    ),
    Check(
        name="sale",
        title="Customers get their page in the sale",
        needs=("sale",),
        judge=sale,
        goal=SALE_GOAL,
        bound="at least",
        unit=f"share of pages within {SALE_S:g} s",
        points=3,
        hint="The database serves two statements at a time. Pages a second, times the database time of one, must stay well"
        " under two.",
    ),
    Check(
        name="answered",
        title="The shop answers when little is asked",
        needs=("quiet",),
        judge=answered,
        goal=ANSWERED_GOAL,
        bound="at least",
        unit="share of pages answered",
        gate=True,
        keeps=0.0,
        hint="Run the scenario 'quiet' with your repair, and look at lab.slow_queries(run).",
    ),
    Check(
        name="right_answers",
        title="Pages are right and whole",
        needs=("quiet",),
        judge=right_answers,
        goal=0,
        bound="at most",
        unit="wrong answers",
        gate=True,
        keeps=0.0,
        hint="The 20 newest orders by created_at, then by id, each with all its items by line. A LIMIT on a join counts rows"
        " of the join.",
    ),
    Check(
        name="fresh",
        title="Changes show at once",
        needs=("quiet",),
        judge=fresh,
        goal=0,
        bound="at most",
        unit="stale pages",
        gate=True,
        keeps=0.0,
        hint="The warehouse writes to the database, not through this API: nothing tells a cache that an order has changed.",
    ),
    Check(
        name="imported",
        title="An answered import is stored",
        needs=("quiet",),
        judge=imported,
        goal=0,
        bound="at most",
        unit="pages without the import",
        gate=True,
        keeps=0.5,
        hint="take_in() must not return before the database has said that the orders are stored.",
    ),
    Check(
        name="write_cost",
        title="Imports do not pay for needless indexes",
        needs=("quiet",),
        judge=write_cost,
        goal=WRITE_GOAL,
        bound="at most",
        unit="pages fetched to store an order",
        gate=True,
        keeps=0.5,
        hint="Each index has an entry for each row, on a page of its own that must be fetched and written. Keep those that a"
        " statement uses.",
    ),
)  # fmt: skip

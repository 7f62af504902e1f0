"""What a run of this lab says, in numbers: from the load, from the office and the vault, and from the file that was kept.

Times are seconds of the run; windows are half open, [start, end). Amounts are cents.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from labs.kit import HttpRequest, Run, record, stats
from labs.lab10_reports import data
from labs.lab10_reports.data import CLOSED, OPEN, posting
from labs.lab10_reports.rules import COSTS, RIGHTS, SUSPENSE, right_account
from labs.lab10_reports.scenarios import CORRECTED_AT_S

SOON_S = 0.1
SIGNALS = {"errors": "requests answered 5xx, in the second", "wait": "the longest wait of a request, in seconds"}
"""What an alert rule can watch."""
MOVED = frozenset({SUSPENSE, *COSTS})
"""The accounts between which a correction moves lines: in a report, what stands on all of them together."""
MOST_SUMS = 1 << 16

KEPT_SQL = """
select 'audit', tenant, actor, action, object, outcome, count(*), sum(lines) from audit group by 2, 3, 4, 5, 6
union all select 'entry', tenant, entry, group_concat(account || ' ' || cents), '', '', count(*), sum(cents) from lines
where entry not like 'base-%' group by tenant, entry
union all select 'base', tenant, account, month, '', '', count(*), sum(cents) from lines
where entry like 'base-%' and (account = 'suspense' or account like 'cost-%') group by tenant, account, month
union all select 'rest', tenant, '', '', '', '', count(*), sum(cents * (id % 1009)) from lines
where entry like 'base-%' and account <> 'suspense' and account not like 'cost-%' group by tenant
"""


def path_of(request: record.Request) -> list[str]:
    """The parts of a request's path: tenant, role, user, then what is asked for."""
    return request.endpoint.partition(" ")[2].strip("/").split("/")


def soon(run: Run, start: float, end: float, kind: str = "") -> float:
    """Share of the load's requests of the window that were answered 2xx within SOON_S; 1 if there are none.

    `kind` is "POST" for the postings alone, "GET" for the readings.
    """
    asked = [r for r in stats.user_requests(run, start, end) if r.endpoint.startswith(kind)]
    return sum(r.ok and (r.latency or 0.0) <= SOON_S for r in asked) / len(asked) if asked else 1.0


def slowest(run: Run, start: float, to: float) -> float:
    """The longest time that a request of the window waited, in seconds; for one without an answer, to the end of the run."""
    end = run.info.seconds
    waited = [end - r.intended if r.latency is None else r.latency for r in stats.user_requests(run, start, to)]
    return max(waited, default=0.0)


@dataclass(frozen=True)
class Posting:
    """An entry of the load: when it was first sent, and first confirmed (infinity if never)."""

    name: str
    tenant: str
    sent: float
    done: float

    def cents_on(self, group: str) -> int:
        """What it adds to an account, or to the accounts of a correction together."""
        debit, credit, cents = posting(self.name)
        return cents * ((grouped(debit) == group) - (grouped(credit) == group))


def grouped(account: str) -> str:
    """The account, or SUSPENSE for all that a correction moves lines between."""
    return SUSPENSE if account in MOVED else account


def postings(run: Run) -> dict[str, Posting]:
    """The entries of the load, by name."""
    found: dict[str, Posting] = {}
    for r in run.requests():
        if not r.endpoint.startswith("POST"):
            continue
        done = r.done if r.ok and r.done is not None else float("inf")
        old = found.get(r.request_id)
        sent, done = (r.sent, done) if old is None else (min(old.sent, r.sent), min(old.done, done))
        found[r.request_id] = Posting(r.request_id, path_of(r)[0], sent, done)
    return found


@dataclass(frozen=True)
class Asked:
    """A report or a correction of the office: when it was asked for and answered; the balances of a report."""

    tenant: str
    sent: float
    done: float
    status: int
    name: str = ""
    balances: dict[str, Any] = field(default_factory=dict)


def reports(run: Run) -> list[Asked]:
    """The reports that the office asked for, by time."""
    rows = stats.logged(run, "office", "report")
    found = [
        Asked(told["tenant"], told["sent"], log.time, told["status"], "", json.loads(told["balances"]) or {})
        for log, told in rows
    ]
    return sorted(found, key=lambda asked: asked.sent)


def corrections(run: Run) -> list[Asked]:
    """The corrections that the office asked for and saw the end of, by time."""
    rows = stats.logged(run, "office", "correction")
    found = [Asked(told["tenant"], told["sent"], log.time, told["status"], log.request_id) for log, told in rows]
    return sorted(found, key=lambda asked: asked.sent)


def in_vain_s(run: Run, tenants: Iterable[str]) -> float:
    """How long these tenants have waited for a correction to the end of the run: since the first was first asked for."""
    paths = [(r.sent, path_of(r)) for r in run.requests("office->books")]
    sent = [at for at, path in paths if path[2:4] in [[f"{tenant}-office", "corrections"] for tenant in tenants]]
    return run.info.seconds - min(sent, default=run.info.seconds)


def spans(run: Run, kind: str) -> list[tuple[float, float]]:
    """From when to when the office's requests ran: "report" or "correct"."""
    part = {"report": "reports", "correct": "corrections"}[kind]
    asked = [r for r in run.requests("office->books") if path_of(r)[3:4] == [part]]
    return [(r.sent, run.info.seconds if r.done is None else r.done) for r in asked]


def false_report(run: Run, asked: Asked) -> str:
    """Why a report cannot be the state of the books at one moment between its question and its answer; "" if it can be.

    "unbalanced": its sums do not add to zero. "stale": an entry is missing that was confirmed before. "other": sums that no
    set of postings explains. "not_moved": lines on suspense that a confirmed correction has moved.
    """
    told = {account: cents for account, cents in asked.balances.items() if isinstance(cents, int)}
    if sum(told.values()):
        return "unbalanced"
    sums: Counter[str] = Counter()
    for account, cents in told.items():
        sums[grouped(account)] += cents
    base: Counter[str] = Counter()
    for (month, account), cents in data.base(asked.tenant).items():
        base[grouped(account)] += cents * (month == OPEN)
    mine = [p for p in postings(run).values() if p.tenant == asked.tenant and p.sent < asked.done]
    inside: dict[str, bool] = {}
    for group in (*data.ACCOUNTS, SUSPENSE):
        sure = [p for p in mine if p.done <= asked.sent and p.cents_on(group)]
        may = [p for p in mine if p.done > asked.sent and p.cents_on(group)]
        left = sums[group] - base[group] - sum(p.cents_on(group) for p in sure)
        chosen = subset(left, [p.cents_on(group) for p in may])
        if chosen is None:
            missing = subset(-left, [p.cents_on(group) for p in sure[-12:]])
            return "stale" if missing else "other"
        for number, p in enumerate(may):
            if inside.setdefault(p.name, number in chosen) != (number in chosen):
                return "unbalanced"
    if _half(inside, mine):
        return "two_moments"
    return _not_moved(run, asked, told, mine)


def _half(inside: dict[str, bool], mine: list[Posting]) -> bool:
    """Is an entry in the report, and another one not that was confirmed before the first was sent?"""
    may = [p for p in mine if p.name in inside]
    return any(inside[a.name] and not inside[b.name] and b.done < a.sent for a in may for b in may)


def _not_moved(run: Run, asked: Asked, told: dict[str, int], mine: list[Posting]) -> str:
    ended = [c for c in corrections(run) if c.tenant == asked.tenant and c.status == 200 and c.done <= asked.sent]
    if not ended:
        return ""
    first = min(c.sent for c in ended)
    later = [posting(p.name)[2] for p in mine if posting(p.name)[0] == SUSPENSE and p.done > first]
    return "" if subset(told.get(SUSPENSE, 0), later) is not None else "not_moved"


def subset(total: int, parts: list[int]) -> frozenset[int] | None:
    """Numbers of the parts that add up to the total; None if none do, or if there are too many parts to try."""
    sums: dict[int, frozenset[int]] = {0: frozenset()}
    for number, part in enumerate(parts):
        sums.update({s + part: chosen | {number} for s, chosen in list(sums.items()) if s + part not in sums})
        if len(sums) > MOST_SUMS:
            return None
    return sums.get(total)


@dataclass(frozen=True)
class Audited:
    """Rows of the audit that are alike: how many, and the lines that they tell of."""

    tenant: str
    actor: str
    action: str
    object: str
    outcome: str
    rows: int
    lines: int


@dataclass(frozen=True)
class Kept:
    """The books as the judge found them in the file, once the process had been killed; `why` it could not."""

    rows: list[list[Any]]
    why: str

    @cached_property
    def audit(self) -> list[Audited]:
        """The audit, alike rows together."""
        return [Audited(*row[1:]) for row in self.rows if row[0] == "audit"]

    @cached_property
    def entries(self) -> dict[tuple[str, str], list[tuple[str, int]]]:
        """The entries of this run: (tenant, name) -> lines, (account, cents)."""
        return {(row[1], row[2]): list(_lines(row[3])) for row in self.rows if row[0] == "entry"}

    def base(self, tenant: str) -> dict[str, tuple[int, int]]:
        """The lines of before on suspense and the cost accounts: account -> (lines, cents), of the open month."""
        return {row[2]: (row[6], row[7]) for row in self.rows if row[:2] == ["base", tenant] and row[3] == OPEN}

    def moved(self, tenant: str) -> int:
        """The lines that stand on a cost account: a correction has moved them there."""
        old = sum(lines for account, (lines, _) in self.base(tenant).items() if account in COSTS)
        mine = [line for (of, _), lines in self.entries.items() if of == tenant for line in lines]
        return old + sum(account in COSTS for account, _ in mine)

    def told(self, action: str, name: str) -> int:
        """The lines that the audit says were changed by what is done of this name."""
        return sum(a.lines for a in self.audit if a.outcome == "done" and (a.action, a.object) == (action, name))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    for line in str(text).split(","):
        account, _, cents = line.rpartition(" ")
        if cents.lstrip("-").isdigit():
            yield account, int(cents)


def kept(run: Run) -> Kept:
    """The books as the judge found them in the file."""
    return Kept(*stats.kept(run, "books"))


def right_base(tenant: str) -> dict[str, tuple[int, int]]:
    """What `Kept.base` must be once all suspense lines of before are where they belong."""
    sums: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for entry, cents in data.suspended(tenant):
        sums[right_account(entry)] += cents
        lines[right_account(entry)] += 1
    return {account: (lines[account], sums[account]) for account in lines}


def stands(entry: str, lines: Iterable[tuple[str, int]]) -> bool:
    """Are these the two lines of the entry, its debit on its account or, if that was suspense, where it belongs?"""
    debit, credit, cents = posting(entry)
    either = {debit, right_account(entry)} if debit == SUSPENSE else {debit}
    return any(sorted(lines) == sorted([(account, cents), (credit, -cents)]) for account in either)


def wrong(request: HttpRequest, body: bytes, settings: Any) -> str:
    """What is wrong with the answer 200 to a reading of an entry, "" if nothing is."""
    if request.method != "GET":
        return ""
    try:
        lines = [(str(account), int(cents)) for account, cents in json.loads(body)["lines"]]
    except (ValueError, TypeError, KeyError):
        return "something that is no entry"
    name = request.path.rpartition("/")[2]
    return "" if name.startswith("base-") or stands(name, lines) else "other lines than were posted"


def probes(run: Run) -> list[tuple[record.Log, Any]]:
    """What the office tried in the matrix."""
    return stats.logged(run, "office", "probe")


def misjudged(probes: Sequence[Any]) -> list[str]:
    """For each probe of the matrix, in order, why it was answered wrongly; "" if it was not.

    A report is another tenant's if it is not the tenant's own (of the closed month it is known), or is what the other tenant
    was told before.
    """
    nothing = next((t["told"] for t in probes if t["what"] == "none" and t["status"] == 404), "")
    given: dict[tuple[str, str], str] = {}
    return [_misjudged(told, nothing, given) for told in probes]


def _misjudged(told: Any, nothing: str, given: dict[tuple[str, str], str]) -> str:
    """Why a probe was answered wrongly; `given` has the tenant to which each report's sums were first told."""
    status, right = told["status"], told["right"]
    if status != right:
        if told["what"] == "other" and (status == 200 or right == 404):
            return "existence_leaked" if status == 403 else "other_tenant"
        if right != 403:
            return "refused_wrongly"
        if told["what"] in ("repeat", "done"):
            return "done_before_asked"
        return "not_refused" if told["role"] in RIGHTS else "unknown_role"
    if right == 404:
        return "existence_leaked" if told["told"] != nothing else ""
    if told["action"] == "report" and status == 200:
        first = given.setdefault((told["object"], told["told"]), told["tenant"])
        known = told["object"] != CLOSED or told["told"] == _right_digest(told["tenant"])
        return "" if known and first == told["tenant"] else "other_tenant"
    return "other_tenant" if told["action"] == "trail" and told["foreign"] else ""


@cache
def _right_digest(tenant: str) -> str:
    """The digest of the tenant's report of the closed month, in which nobody posts."""
    return digested({"balances": {account: cents for (of, account), cents in data.base(tenant).items() if of == CLOSED}})


def digested(told: Any) -> str:
    """A digest of an answer; of a report, that of all sums but those of 0."""
    if isinstance(told, dict) and isinstance(told.get("balances"), dict):
        told = sorted((account, cents) for account, cents in told["balances"].items() if cents)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def heels(run: Run, kind: str) -> list[Any]:
    """What the office found at the heels of something else, of one kind (see heels.py), each with its name."""
    return [told | {"name": log.request_id} for log, told in stats.logged(run, "office", "heel") if told["kind"] == kind]


def held_up(run: Run, reading: str) -> bool:
    """Did this reading come while a report ran, before any correction, and was it answered only after the report's end?"""
    found = [r for r in run.requests() if r.request_id == reading and r.endpoint.startswith("GET")]
    alone = [(start, end) for start, end in spans(run, "report") if start < CORRECTED_AT_S]
    return any(start <= r.sent < end <= (r.done or math.inf) for r in found for start, end in alone)


def passed(run: Run, reading: str) -> bool:
    """Did this reading come while the correction ran, and was it answered within SOON_S?"""
    found = [r for r in run.requests() if r.request_id == reading and r.endpoint.startswith("GET")]
    ran = spans(run, "correct")
    return any(r.ok and (r.latency or 0.0) <= SOON_S and start <= r.sent < end for r in found for start, end in ran)


def series(run: Run, signal: str) -> list[float]:
    """The signal in each second of the load: failed requests, or the longest wait by the second's end."""
    found = []
    for second in range(math.ceil(run.info.seconds)):
        due = [r for r in run.requests() if r.intended < second + 1 and (r.done or run.info.seconds) >= second]
        if signal == "errors":
            ended = [r for r in due if not r.ok and r.done is not None and r.done < second + 1]
            found.append(float(sum(r.status >= 500 for r in ended)))
        else:
            served = [r for r in due if r.error_type != "refused"]
            found.append(max((min(r.done or run.info.seconds, second + 1) - r.intended for r in served), default=0.0))
    return found


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the signal has been above `above` for `for_s` seconds; None if it never is."""
    return stats.lasts((value > above for value in series(run, signal)), for_s)

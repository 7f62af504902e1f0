"""This course's own code, and the labels of its lines: what is a hazard there, and what cannot be decided.

The files are read as text, and reach the services as a setting. `LABELS` is the judge's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import labs

NUMBERS = range(13)
"""The labs whose code is read: 00 to 12."""


@dataclass(frozen=True)
class Label:
    """What is known about some lines of a file: a rule's code, the lines' texts (a finding may name any), and why.

    `path` is a lab's two digits and a file's stem: "06 broken". With `hard`, no finding there counts, neither way.
    """

    path: str
    code: str
    lines: tuple[str, ...]
    why: str
    hard: bool = False


def files() -> dict[str, str]:
    """The source of each lab's broken.py and of its reference repair, by path: "06 broken", "06 right_all".

    Empty where the other labs are not visible, as in a sandboxed host: the judge reads them.
    """
    found = {}
    for name in _labs():
        folder = labs.FOLDER / name
        reference = (folder / "__init__.py").read_text(encoding="utf-8").split('reference="')[1].split('"')[0]
        for stem, path in (("broken", folder / "broken.py"), (reference, folder / "fixes" / f"{reference}.py")):
            found[f"{name[3:5]} {stem}"] = path.read_text(encoding="utf-8")
    return found


def _labs() -> list[str]:
    """The labs whose files can be read."""
    try:
        named = labs.ours()
    except OSError:
        return []
    return [name for name in named if int(name[3:5]) in NUMBERS and os.path.isdir(labs.FOLDER / name / "fixes")]


def lines_of(label: Label, source: str) -> list[int]:
    """The numbers of the label's lines in the source of its file."""
    numbered = enumerate(source.split("\n"), 1)
    return [number for number, line in numbered if line.strip() in label.lines]


_REAL = (
    ("01 broken", "BF101", "time.sleep(PAUSE_S)", "the coroutine quote() calls it, through a method"),
    (
        "01 broken", "BF101", 'with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:',
        "everybody waits for the supplier",
    ),
    (
        "01 broken", "BF101", '[views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()\n'
        'self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))\nself.db.commit()',
        "everybody waits for the disk",
    ),
    (
        "01 broken", "BF102", 'with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:',
        "urlopen without a timeout waits for ever",
    ),
    (
        "01 right_all", "BF102", "self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))\n"
        'async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:',
        "300 s by default: the hazard of lab05",
    ),
    (
        "02 broken", "BF102", "self.session = aiohttp.ClientSession()\n"
        'async with self.session.get(f"{self.store}/ledger/{name}") as answer:\n'
        'async with self.session.get(f"{self.store}/figures/{name}") as answer:',
        "the hazard of lab05",
    ),
    ("02 broken", "BF103", "HISTORY = []  # of all answers: name and page\nHISTORY.append((name, answer))", "of all answers"),
    ("02 broken", "BF103", "self.watchers = []\nself.watchers.append(drop_if_revised)", "one for each report ever rendered"),
    (
        "02 right_bytes", "BF102", "self.session = aiohttp.ClientSession()\n"
        'async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:\n'
        'async with self.session.get(f"{self.store}/figures/{name}") as answer:',
        "the hazard of lab05",
    ),
    (
        "04 broken", "BF102", "session = aiohttp.ClientSession()\n"
        'response = await session.get(f"{self.partner}/price", params={"name": name})',
        "300 s by default",
    ),
    ("04 broken", "BF104", "session = aiohttp.ClientSession()", "closed on the good way out only"),
    ("04 broken", "BF104", "connection = await asyncpg.connect(self.database)", "closed on the good way out only"),
    (
        "04 broken", "BF104", 'response = await session.get(f"{self.partner}/price", params={"name": name})',
        "not released if the status is not 200",
    ),
    (
        "05 broken", "BF102", "self.session = aiohttp.ClientSession(trace_configs=self.tracing)\n"
        "async with self.session.request(method, url, headers=headers, **more) as response:",
        "300 s by default",
    ),
    ("06 broken", "BF103", "self.jobs: deque = deque()\nself.jobs.append(job)", "offer() never refuses"),
    ("07 broken", "BF103", "self.queue: asyncio.Queue = asyncio.Queue()\nawait self.queue.put(job)", "no bound"),
    ("07 right_fair_bound", "BF103", "self.held: Counter = Counter()\nself.held[job.client] += 1", "a client is never dropped"),
    (
        "08 broken", "BF102", "self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))\n"
        "async with self.session.post(url, data=text.encode(), headers=headers) as answer:",
        "300 s by default",
    ),
    ("08 broken", "BF103", "self.delivered: set[str] = set()\nself.delivered.add(order)", "one for each order ever"),
    (
        "08 right_lease", "BF102", "self.session = aiohttp.ClientSession()\n"
        "async with self.session.post(url, data=text.encode(), headers=headers) as answer:",
        "300 s by default",
    ),
    (
        "09 right_transaction", "BF103", "self.waiting: asyncio.Queue = asyncio.Queue()\n"
        "self.waiting.put_nowait((payload, answer))",
        "whoever asks is taken in",
    ),
    ("10 right_summary", "BF104", "db = sqlite3.connect(path)", "verify() does not close it if a query raises"),
)
_HARD = (
    ("00 broken", "BF102", "async with session.post(url, json=question) as response:", "the session comes from elsewhere"),
    (
        "00 right_contextvar", "BF102", "async with session.post(url, json=question, headers=headers) as response:",
        "the session comes from elsewhere",
    ),
    ("01 broken", "BF101", "self.db = sqlite3.connect(self.database, uri=True)", "once, before the first request"),
    ("02 broken", "BF103", "self.cache = {}\nself.cache[name, options] = body", "something is removed, and far too little"),
    ("02 broken", "BF101", "body = render(await self._figures(name), options)", "computing: a matter for a profiler"),
    ("02 right_bytes", "BF101", "body = render(await self._figures(name), options)", "computing: a matter for a profiler"),
    ("04 broken", "BF102", "connection = await asyncpg.connect(self.database)", "60 s by default; the statements have no limit"),
    (
        "04 right_pool", "BF102", "self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)",
        "once, before the first order",
    ),
    ("04 broken", "BF103", "self.opened = []\nself.opened.append(session)\nself.opened.append(connection)", "grows by errors only"),
    ("08 broken", "BF101", "text = render(order, lines)", "computing: a matter for a profiler"),
    ("08 right_lease", "BF104", "await self.free.acquire()", "handed to a task, which releases it"),
    ("09 broken", "BF101", "return self.model.predict([payload])[0]", "computing: a matter for a profiler"),
    ("10 broken", "BF103", "self.reports: dict[str, dict[str, int]] = {}\nself.reports[month] = await self._run(self._report, who, month)",
     "as many as there are months"),
    (
        "11 right_sequential", "BF103", "self.evidence: dict = {}\n"
        "self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain",
        "as many as there are regions",
    ),
    ("12 right_snapshot", "BF101", 'with open(path, "rb") as file:', "a small file on a local disk"),
    ("12 right_snapshot", "BF102", "timeout=aiohttp.ClientTimeout(total=None),", "each order has a limit round it"),
)  # fmt: skip
LABELS = (
    *(Label(path, code, tuple(lines.split("\n")), why) for path, code, lines, why in _REAL),
    *(Label(path, code, tuple(lines.split("\n")), why, hard=True) for path, code, lines, why in _HARD),
)
"""Of the four rules' hazards. A path without labels is clean."""

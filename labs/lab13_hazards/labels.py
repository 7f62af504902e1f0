"""What is known about lines of this course's own code: hazards of the four rules, and what cannot be decided from the text.

A block is a path (a lab's number and a file), a rule, why; and the lines, of which a finding may name any. Where it says
"hard", no finding counts, neither way. What has no label is clean. `course.LABELS` reads this.
"""

LABELS = r"""
@ 01 broken BF101 the coroutine quote() calls it, through a method
time.sleep(PAUSE_S)
@ 01 broken BF101 everybody waits for the supplier
with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:
@ 01 broken BF101 everybody waits for the disk
[views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
self.db.commit()
@ 01 broken BF102 urlopen without a timeout waits for ever
with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:
@ 01 right_all BF102 300 s by default: the hazard of lab05
self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
@ 02 broken BF102 the hazard of lab05
self.session = aiohttp.ClientSession()
async with self.session.get(f"{self.store}/ledger/{name}") as answer:
async with self.session.get(f"{self.store}/figures/{name}") as answer:
@ 02 broken BF103 of all answers
HISTORY = []  # of all answers: name and page
HISTORY.append((name, answer))
@ 02 broken BF103 one for each report ever rendered
self.watchers = []
self.watchers.append(drop_if_revised)
@ 02 right_bytes BF102 the hazard of lab05
self.session = aiohttp.ClientSession()
async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
async with self.session.get(f"{self.store}/figures/{name}") as answer:
@ 04 broken BF102 300 s by default
session = aiohttp.ClientSession()
response = await session.get(f"{self.partner}/price", params={"name": name})
@ 04 broken BF104 closed on the good way out only
session = aiohttp.ClientSession()
@ 04 broken BF104 closed on the good way out only
connection = await asyncpg.connect(self.database)
@ 04 broken BF104 not released if the status is not 200
response = await session.get(f"{self.partner}/price", params={"name": name})
@ 05 broken BF102 300 s by default
self.session = aiohttp.ClientSession(trace_configs=self.tracing)
async with self.session.request(method, url, headers=headers, **more) as response:
@ 06 broken BF103 offer() never refuses
self.jobs: deque = deque()
self.jobs.append(job)
@ 07 broken BF103 no bound
self.queue: asyncio.Queue = asyncio.Queue()
await self.queue.put(job)
@ 07 right_fair_bound BF103 a client is never dropped
self.held: Counter = Counter()
self.held[job.client] += 1
@ 08 broken BF102 300 s by default
self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))
async with self.session.post(url, data=text.encode(), headers=headers) as answer:
@ 08 broken BF103 one for each order ever
self.delivered: set[str] = set()
self.delivered.add(order)
@ 08 right_lease BF102 300 s by default
self.session = aiohttp.ClientSession()
async with self.session.post(url, data=text.encode(), headers=headers) as answer:
@ 09 right_transaction BF103 whoever asks is taken in
self.waiting: asyncio.Queue = asyncio.Queue()
self.waiting.put_nowait((payload, answer))
@ 10 right_summary BF104 verify() does not close it if a query raises
db = sqlite3.connect(path)
@ 00 broken BF102 hard: the session comes from elsewhere
async with session.post(url, json=question) as response:
@ 00 right_contextvar BF102 hard: the session comes from elsewhere
async with session.post(url, json=question, headers=headers) as response:
@ 01 broken BF101 hard: once, before the first request
self.db = sqlite3.connect(self.database, uri=True)
@ 02 broken BF103 hard: something is removed, and far too little
self.cache = {}
self.cache[name, options] = body
@ 02 broken BF101 hard: computing: a matter for a profiler
body = render(await self._figures(name), options)
@ 02 right_bytes BF101 hard: computing: a matter for a profiler
body = render(await self._figures(name), options)
@ 04 broken BF102 hard: 60 s by default; the statements have no limit
connection = await asyncpg.connect(self.database)
@ 04 right_pool BF102 hard: once, before the first order
self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)
@ 04 broken BF103 hard: grows by errors only
self.opened = []
self.opened.append(session)
self.opened.append(connection)
@ 08 broken BF101 hard: computing: a matter for a profiler
text = render(order, lines)
@ 08 right_lease BF104 hard: handed to a task, which releases it
await self.free.acquire()
@ 09 broken BF101 hard: computing: a matter for a profiler
return self.model.predict([payload])[0]
@ 10 broken BF103 hard: as many as there are months
self.reports: dict[str, dict[str, int]] = {}
self.reports[month] = await self._run(self._report, who, month)
@ 11 right_sequential BF103 hard: as many as there are regions
self.evidence: dict = {}
self.evidence[where, what] = self.evidence.get((where, what), 0.0) + gain
@ 12 right_snapshot BF101 hard: a small file on a local disk
with open(path, "rb") as file:
@ 12 right_snapshot BF102 hard: each order has a limit round it
timeout=aiohttp.ClientTimeout(total=None),
"""

"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_summary", "", "number",
        "SLICE = 200  # lines: 4 ms with the lock", "SLICE = 20  # lines: 4 ms with the lock",
        "shorter slices hold the lock for less, and the correction takes longer: nobody waits for it",
    ),
    (
        "right_summary", "Ledger.start", "number",
        "self.writer, self.readers = ThreadPoolExecutor(1), ThreadPoolExecutor(4)",
        "self.writer, self.readers = ThreadPoolExecutor(1), ThreadPoolExecutor(40)",
        "readers wait for nobody, however many there are",
    ),
    (
        "right_summary", "Ledger.start", "number",
        "self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2))",
        "self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))",
        "the vault answers after 60 ms, or at once with an error",
    ),
    (
        "right_summary", "Ledger.stop", "await",
        "await asyncio.wait([self.anchoring])", "asyncio.wait([self.anchoring])",
        "the books are killed in the end, and are not asked to stop",
    ),
    (
        "right_summary", "Ledger.correct", "await",
        "await self.write(self._move, who, name, moves)", "self.write(self._move, who, name, moves)",
        "it reads until nothing is left on suspense; a slice that comes twice moves nothing, and tells of nothing",
    ),
    (
        "right_summary", "Ledger.anchor", "number",
        '"select count(*), (select digest from audit order by seq desc limit 1) from audit"',
        '"select count(*), (select digest from audit order by seq desc limit 10) from audit"',
        "a subquery in the place of a value gives its first row",
    ),
    (
        "right_summary", "Ledger._in_transaction", "swallowed", "raise", "pass",
        "no statement of these transactions fails: one connection writes, and the rows are right",
    ),
)  # fmt: skip

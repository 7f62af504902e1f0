"""Signatures in one thread: the loop goes on, but one interpreter cannot compute them all."""

LIKE = "right_all"
LOSES = {"pace": "one_interpreter", "brief": "held_up"}
CHANGED = {
    """\
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor""": """\
from concurrent.futures import ThreadPoolExecutor""",
    """\
        self.processes = ProcessPoolExecutor(2)
        self.hashing = ThreadPoolExecutor(2)""": "        self.signing = ThreadPoolExecutor(1)",
    "for pool in (self.writer, self.hashing, self.processes):": "for pool in (self.writer, self.signing):",
    """\
        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)
        return await self.loop.run_in_executor(self.hashing, stretch, folded, self.key)
""": """\
        return await self.loop.run_in_executor(self.signing, lambda: stretch(fold(text, self.key), self.key))
""",
}

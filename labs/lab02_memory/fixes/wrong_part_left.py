"""Everything is repaired but the ledger: a part of it still costs the whole."""

LIKE = "right_bytes"
LOSES = {"part": "reads_whole"}
CHANGED = {
    """\
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()""": """\
        async with self.session.get(f"{self.store}/ledger/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            ledger = await answer.read()
        return ledger[start : start + size]""",
}

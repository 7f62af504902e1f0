"""The ledger is read once and kept for ever, so that its parts are at hand."""

LIKE = "right_bytes"
LOSES = {"part": "keeps_ledger"}
CHANGED = {
    "        self.held = 0": """\
        self.held = 0
        self.ledgers: dict[str, bytes] = {}""",
    """\
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()""": """\
        if name not in self.ledgers:
            async with self.session.get(f"{self.store}/ledger/{name}") as answer:
                if answer.status != 200:
                    raise StoreFailed(f"the store answered {answer.status} for {name}")
                self.ledgers[name] = await answer.read()
        return self.ledgers[name][start : start + size]""",
}

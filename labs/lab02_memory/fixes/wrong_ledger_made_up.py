"""A part of the ledger is written here, line by line as the store would write it: no byte of it comes from there."""

LIKE = "right_bytes"
LOSES = {"true_answers": "never_asked"}
CHANGED = {
    "rendering import page, render": "rendering import ledger_part, page, render",
    """\
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()""": "        return ledger_part(name, start, size)",
}

"""The copy is written a second after the file, once for many files: a kill before that goes back a version."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "kept_late",
}
CHANGED = {
    """\
        self.keep(found)
        return settings""": """\
        if not self.version:
            self.keep(found)
        else:
            if self.keeping:
                self.keeping.cancel()
            self.keeping = asyncio.get_running_loop().call_later(1.0, self.keep, found)
        return settings""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.keeping = None
""",
    """\
        self.task.cancel()
""": """\
        self.task.cancel()
        if self.keeping:
            self.keeping.cancel()
""",
}

"""The old pool is dropped and never closed; the garbage collector finds it open."""

LIKE = "right_snapshot"
LOSES = {
    "left_over": "never_closed",
}
CHANGED = {
    """\
                old = self.pool
                self.use(settings)
                await old.retire()""": "                self.use(settings)",
}

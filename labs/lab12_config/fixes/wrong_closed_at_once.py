"""The old session is closed as soon as the new one is there: the orders that still use it are cut off."""

LIKE = "right_snapshot"
LOSES = {
    "none_lost": "lost",
    "live": "lost",
}
CHANGED = {
    "                await old.retire()": "                await old.session.close()",
    """\
        if self.retired and not self.orders:
            await self.session.close()
""": "",
}

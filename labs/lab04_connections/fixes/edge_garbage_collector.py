"""Nothing is closed where an order fails: it will be collected. It is, and there is no bound for what is in use."""

LIKE = "broken"
KNIFE_EDGE = "when the garbage collector comes by decides how many connections are open"
CHANGED = {
    """\
        self.opened = []
""": "",
    """\
        for one in self.opened:
            await one.close()
""": "",
    """\
        self.opened.append(session)
""": "",
    """\
        self.opened.append(connection)
""": "",
    """\
            self.opened.remove(one)
""": "",
}

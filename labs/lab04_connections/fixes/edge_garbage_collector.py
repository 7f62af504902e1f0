"""If an order fails, nothing is closed and the garbage collector cleans up: nothing bounds what is open meanwhile."""

LIKE = "broken"
KNIFE_EDGE = "when the garbage collector comes by decides how many connections are open"
CHANGED = {
    """
        self.opened = []""": "",
    """
        for one in self.opened:
            await one.close()""": "",
    """
        self.opened.append(session)""": "",
    """
        self.opened.append(connection)""": "",
    """
            self.opened.remove(one)""": "",
}

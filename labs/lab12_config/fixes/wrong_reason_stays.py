"""The reason stays when a good file has come: whoever is paged finds nothing wrong."""

LIKE = "right_snapshot"
LOSES = {
    "told": "never_cleared",
}
CHANGED = {
    """\
        self.reason = ""
        self.keep(found)""": "        self.keep(found)",
}

"""The name is noted when the visit begins: where the store fails, the list of answers holds one that was never given."""

LIKE = "right_bytes"
LOSES = {"recent": "lists_unanswered"}
CHANGED = {
    "        body = self.cache.get((name, options))": """\
        self.names.append(name)
        body = self.cache.get((name, options))""",
    """\
        self.names.append(name)
        return page(body, visitor)""": "        return page(body, visitor)",
}

"""What was revised is marked, and answered all the same for as long as the store fails: old figures, and nobody is told."""

LIKE = "right_bytes"
LOSES = {"right_answers": "stale_in_outage"}
CHANGED = {
    "        self.held = 0": """\
        self.held = 0
        self.out_of_date: set[tuple[str, str]] = set()""",
    """\
        if body is None:
            body = render(await self._figures(name), options)
            self._keep(name, options, body)""": """\
        if body is None or (name, options) in self.out_of_date:
            try:
                body = render(await self._figures(name), options)
                self._keep(name, options, body)
            except StoreFailed:
                if body is None:
                    raise""",
    "self.held -= len(self.cache.pop(key))": "self.out_of_date.add(key)",
    "        while self.held > MOST_BYTES:": """\
        self.out_of_date = {key for key in self.out_of_date if key in self.cache and key != (name, options)}
        while self.held > MOST_BYTES:""",
}

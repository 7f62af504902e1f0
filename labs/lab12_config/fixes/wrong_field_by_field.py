"""Each field that is right is taken, and only the others are left as they were."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_missing_key",
}
CHANGED = {
    "settings = parse(found)": "settings = self.merged(found)",
    """
    def keep(self, data: bytes) -> None:""": """
    def merged(self, data: bytes) -> Settings:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
        exactly(content, KEYS, "the file")
        if not self.version:
            return parse(data)
        merged, slips = dict(vars(self.settings)), []
        for key in KEYS:
            try:
                parse(json.dumps({**merged, key: content[key]}).encode())
                merged[key] = content[key]
            except Refused as error:
                slips.append(str(error))
        if slips:
            self.refused += 1
            self.reason = "; ".join(slips)
        return Settings(**merged)

    def keep(self, data: bytes) -> None:""",
    """        self.reason = ""
        self.keep(found)
""": """\
        self.keep(json.dumps(vars(settings)).encode())
""",
    "        self.seen = found\n": '        self.seen, self.reason = found, ""\n',
}

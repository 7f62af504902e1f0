"""The copy of the last good file leaves the limit out: after a restart on a bad file it is that of the image."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "forgets_limit",
}
CHANGED = {
    "            settings = parse(read(self.copy))": """\
            kept = json.loads(read(self.copy)) | {"limit": 16}
            settings = parse(json.dumps(kept).encode())""",
}

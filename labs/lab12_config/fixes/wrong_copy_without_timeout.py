"""The copy of the last good file leaves the timeout out: after a restart on a bad file it is that of the image."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "forgets_timeout",
}
CHANGED = {
    "            settings = parse(read(self.copy))": """\
            kept = json.loads(read(self.copy)) | {"timeout_s": 1.0}
            settings = parse(json.dumps(kept).encode())""",
}

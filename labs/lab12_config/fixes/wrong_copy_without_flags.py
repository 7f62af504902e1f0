"""The copy of the last good file leaves the flags out: after a restart on a bad file it is that of the image."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "forgets_flags",
}
CHANGED = {
    "            settings = parse(read(self.copy))": """\
            kept = json.loads(read(self.copy)) | {"flags": {}}
            settings = parse(json.dumps(kept).encode())""",
}

"""Nothing is kept beside the file: a process that is started while the file is bad has nothing."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "down",
}
CHANGED = {
    """\
        self.keep(found)
""": "",
    "            settings = parse(read(self.copy))": '            raise Refused(f"no configuration: {self.reason}")',
}

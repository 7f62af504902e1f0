"""The copy is written in place: a process that is killed meanwhile leaves half of it, and nothing else."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "torn_copy",
}
CHANGED = {
    """\
            with open(self.copy + ".part", "wb") as file:
""": """\
            with open(self.copy, "wb") as file:
""",
    """\
            os.replace(self.copy + ".part", self.copy)
""": "",
}

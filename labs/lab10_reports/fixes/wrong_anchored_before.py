"""What is in the file at the start counts as anchored: a kill while the vault fails, and nothing is until a next change."""

LIKE = "right_summary"
LOSES = {"sealed": "missed_cut"}
CHANGED = {
    "        told = 0\n": """        [(told,)] = await self.read("select count(*) from audit")
""",
}

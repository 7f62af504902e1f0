"""The regions are added up before they are compared."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_region"}
CHANGED = {
    """\
            pair = []
            for total""": """\
            for total""",
    """\
                pair.append(seen)
""": "",
    """\
            self.weigh(region, *pair)
""": "",
}

"""The evidence is a class attribute: all releases write into one."""

LIKE = "right_sequential"
LOSES = {"lets_through": "all_at_one_second"}
CHANGED = {
    """\
    def __init__(self) -> None:
        self.seconds = 0
        self.evidence: dict = {}
""": """\
    evidence: dict = {}

    def __init__(self) -> None:
        self.seconds = 0
""",
}

"""Everything is repaired but the history: each answer stays in a list of the module."""

LIKE = "right_bytes"
LOSES = {
    "reports": "grows_with_reports",
    "history": "grows_with_visits",
    "revisions": "grows_with_visits",
    "limit": "crosses_limit",
}
CHANGED = {
    "from collections import OrderedDict, deque": "from collections import OrderedDict",
    "class Reports:": """\
HISTORY = []  # of all answers: name and page


class Reports:""",
    """
        self.names: deque[str] = deque(maxlen=RECENT)""": "",
    """\
        self.names.append(name)
        return page(body, visitor)""": """\
        answer = page(body, visitor)
        HISTORY.append((name, answer))
        return answer""",
    "return list(self.names)": "return [name for name, _ in HISTORY[-RECENT:]]",
}

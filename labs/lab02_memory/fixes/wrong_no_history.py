"""No history is kept: nothing leaks, but the list of recent answers is empty."""

LIKE = "right_bytes"
LOSES = {"recent": "missing"}
CHANGED = {
    "from collections import OrderedDict, deque": "from collections import OrderedDict",
    """
RECENT = 20""": "",
    """
        self.names: deque[str] = deque(maxlen=RECENT)""": "",
    """
        self.names.append(name)""": "",
    '''\
        """The names of the last 20 answers, the latest last."""
        return list(self.names)''': '''\
        """The names of the last 20 answers. They were not worth their memory."""
        return []''',
}

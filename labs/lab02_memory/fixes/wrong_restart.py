"""Ends the process after 200 answers, so that it starts again small."""

LIKE = "broken"
LOSES = {
    "reports": "crashed",
    "history": "crashed",
    "revisions": "crashed",
    "limit": "crashed",
    "answered": "crashed",
    "true_answers": "crashed",
    "right_answers": "crashed",
    "recent": "crashed",
    "hits": "crashed",
    "part": "reads_whole",
    "left_over": "crashed",
}
CHANGED = {
    """
import aiohttp""": """
import os

import aiohttp""",
    "RECENT = 20": """\
RECENT = 20
MOST_ANSWERS = 200""",
    "        return answer": """\
        if len(HISTORY) > MOST_ANSWERS:
            os._exit(0)  # whoever watches us starts us again
        return answer""",
}

"""An error that the renderer answers gives the place back; where it cannot be reached, the branch of its own forgets to."""

LIKE = "right_adaptive_limit"
LOSES = {"after_errors": "places_lost"}
CHANGED = {
    "from collections import Counter": """\
from collections import Counter

import aiohttp""",
    "except Exception:  # whatever it is: this caller hears no, and the consumer goes on": (
        "except aiohttp.ClientConnectionError:"
    ),
    """\
            finally:
                self.inside[job.client] -= 1""": """\
            except aiohttp.ClientResponseError:
                job.refuse(retry_after=1)
            self.inside[job.client] -= 1""",
}

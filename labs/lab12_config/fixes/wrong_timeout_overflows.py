"""isfinite() comes before the bounds: of a whole number that no float holds it raises OverflowError."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "stuck",
    "told": "not_counted",
}
CHANGED = {
    """\
import json
""": """\
import json
import math
""",
    "not 0.05 <= timeout_s <= 5:": "not math.isfinite(timeout_s) or not 0.05 <= timeout_s <= 5:",
    """\
        except Exception as error:  # whatever is in the file: also a RecursionError
""": """\
        except (Refused, ValueError, RecursionError) as error:
""",
}

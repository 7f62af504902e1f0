"""Everything is repaired but the pause: time.sleep in a coroutine holds the loop."""

LIKE = "right_all"
LOSES = {"pause": "pause_holds_loop"}
CHANGED = {
    "import sqlite3": """\
import sqlite3
import time""",
    "await asyncio.sleep(PAUSE_S)": "time.sleep(PAUSE_S)",
}

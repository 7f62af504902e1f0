"""As right_all; faulthandler is to show where each thread stands if the process dies or the first minute does not end."""

LIKE = "right_all"
CHANGED = {
    "import sqlite3": """\
import faulthandler
import io
import sqlite3
import sys""",
    "AT_ONCE = 20": """\
AT_ONCE = 20

faulthandler.enable()
try:
    TO_A_DESCRIPTOR = sys.stderr.fileno() >= 0
except io.UnsupportedOperation:  # stderr is not a file here
    TO_A_DESCRIPTOR = False""",
    "        self.loop = asyncio.get_running_loop()": """\
        self.loop = asyncio.get_running_loop()
        faulthandler.dump_traceback_later(60, repeat=True)""",
    "        await self.session.close()": """\
        faulthandler.cancel_dump_traceback_later()
        await self.session.close()""",
}

"""As right_all; it also watches itself, as a service in production does: memory, threads, sockets and CPU, by psutil."""

LIKE = "right_all"
CHANGED = {
    "import sqlite3": """\
import logging
import os
import sqlite3""",
    "import aiohttp": """\
import aiohttp
import psutil""",
    "AT_ONCE = 20": """\
AT_ONCE = 20
WATCH_S = 2.0

log = logging.getLogger("prices")
log.setLevel(logging.INFO)""",
    "        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))": '''\
        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))
        self.watching = asyncio.create_task(self.watch())

    async def watch(self) -> None:
        """Log what this process takes of the machine."""
        me = psutil.Process(os.getpid())
        log.info("%s %s since %s, %s cores", me.pid, me.name(), me.create_time(), psutil.cpu_count())
        me.cpu_percent()
        while True:
            await asyncio.sleep(WATCH_S)
            with me.oneshot():
                taken, cpu = me.memory_info().rss, me.cpu_times()
                log.info("%d bytes, %.1f%% busy, %.3f s so far", taken, me.cpu_percent(), cpu.user + cpu.system)
                log.info("%d threads, %d descriptors, %s", me.num_threads(), me.num_fds(), me.open_files())
            log.info("%.0f%% of the machine's memory is used", psutil.virtual_memory().percent)''',
    "        await self.session.close()": """\
        self.watching.cancel()
        await self.session.close()""",
}

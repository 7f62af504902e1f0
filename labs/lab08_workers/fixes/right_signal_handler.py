"""As right_lease; it hears SIGTERM itself, and claims no more jobs from then on, whoever calls stop() and when."""

LIKE = "right_lease"
CHANGED = {
    "import json": """\
import json
import signal""",
    "        self.draining = asyncio.create_task(self.drain())": '''\
        self.draining = asyncio.create_task(self.drain())
        self.loop.add_signal_handler(signal.SIGTERM, self.claim_no_more)

    def claim_no_more(self) -> None:
        """From now on no job is begun."""
        self.stopping = True
        self.news.set()''',
    """\
        self.stopping = True
        self.news.set()
        await self.draining""": """\
        self.claim_no_more()
        await self.draining
        self.loop.remove_signal_handler(signal.SIGTERM)""",
}

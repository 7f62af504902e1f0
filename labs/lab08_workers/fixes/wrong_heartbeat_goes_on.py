"""A thread for each job that renews its lease, and that nobody tells when the job is done."""

LIKE = "right_lease"
LOSES = {"left_over": "threads_left"}
CHANGED = {
    "import time": """\
import threading
import time""",
    '        """One job, from the claim to the end; if it fails, its lease ends and somebody else takes it."""': '''\
        """One job, from the claim to the end; if it fails, its lease ends and somebody else takes it."""
        beats = threading.Thread(target=self.renew, args=(order,), daemon=True)
        beats.start()''',
    """
    async def deliver(self, order: str, text: str) -> None:""": """
    def renew(self, order: str) -> None:
        while True:
            time.sleep(LEASE_S / 3)
            sql = "update jobs set until = ? where name = ? and state = 'leased'"
            self.writer.submit(self.execute, sql, time.time() + LEASE_S, order)

    async def deliver(self, order: str, text: str) -> None:""",
}

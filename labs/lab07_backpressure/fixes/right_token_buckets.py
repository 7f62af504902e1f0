"""A bucket of tokens for each client, and a bound on the queue of all: 429 for greed, 503 for overload."""

LIKE = "right_fair_bound"
CHANGED = {
    """
from collections import Counter""": "",
    """\
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold""": """\
BOUND = 20  # jobs of all clients: less than half of patience x capacity = 50
RATE = 8.0  # tokens a second for each client
BURST = 8.0  # tokens that a client can save up""",
    "self.held: Counter = Counter()": "self.buckets: dict = {}  # client: (tokens, when they were counted)",
    "if self.held[job.client] >= SHARE:": "if not self.pays(job):",
    """\
            return
        self.held[job.client] += 1""": """
    def pays(self, job) -> bool:
        tokens, counted = self.buckets.get(job.client, (BURST, job.arrived))
        tokens = min(BURST, tokens + RATE * (job.arrived - counted))
        self.buckets[job.client] = (tokens - 1 if tokens >= 1 else tokens, job.arrived)
        return tokens >= 1""",
    """
            self.held[job.client] -= 1""": "",
}

"""Deadlines sent along and honoured, and nothing else: four attempts an order still keep payments full."""

LIKE = "right_deadline_lifo"
LOSES = {"amplification": "amplifies"}
KNIFE_EDGE = "the jobs that are done have a few milliseconds left, so whether it recovers differs from seed to seed"
CHANGED = {
    "job = self.jobs.pop()": "job = self.jobs.popleft()",
}

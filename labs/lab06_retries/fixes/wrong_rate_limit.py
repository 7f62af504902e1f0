"""A rate limit far below the normal load: payments is safe, and the shop is closed."""

LIKE = "right_queue_bound"
LOSES = {
    "recovers": "turned_away",
    "recovers_long": "turned_away",
    "amplification": "amplifies",
    "calm": "normal_load_harmed",
    "hiccups": "hiccups_shown",
}
CHANGED = {
    "BOUND = 15": "RATE = 10  # charges a second",
    "        self.jobs: deque = deque()": """\
        self.jobs: deque = deque()
        self.taken: deque = deque()""",
    "        if len(self.jobs) >= BOUND:": """\
        while self.taken and self.taken[0] < job.arrived - 1:
            self.taken.popleft()
        if len(self.taken) >= RATE:""",
    "            return False": """\
            return False
        self.taken.append(job.arrived)""",
}

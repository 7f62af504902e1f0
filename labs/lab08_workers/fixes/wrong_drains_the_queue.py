"""A stop that works off the whole queue first: it holds more than can be done in the time."""

LIKE = "right_lease"
LOSES = {"stops": "killed_at_work"}
CHANGED = {
    '"""Called once, before the process ends: no job is begun any more, and those under way are ended."""': (
        '"""Called once, before the process ends: all jobs are done first."""'
    ),
    """
            if self.stopping:
                return""": "",
    "            try:": """\
            if self.stopping:
                return
            try:""",
}

"""What is known of the evening as you are called: nothing yet. Every constant is a literal; the text is read, never run."""

NAME = "your name"

INCIDENT = {
    "record": "",
    "mark": "",
    "since_s": -1,
    "where": [],
    "what": {},
    "rows": {},
}

RUNBOOK = ""

POLICIES = {}

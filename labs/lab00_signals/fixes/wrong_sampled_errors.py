"""To keep the log cheap, an error of one type is logged once a second: in a rush of failures only the first is found."""

LIKE = "right_contextvar"
LOSES = {"told": "not_logged"}
CHANGED = {
    "import uuid\n": "import time\nimport uuid\n",
    "        self.tracer = tracer\n": "        self.tracer = tracer\n        self.logged: dict = {}\n",
    """\
                self.log.error("request failed", request_id=request_id, error_type=error_type)
""": """\
                if time.monotonic() - self.logged.get(error_type, -1.0) >= 1.0:
                    self.logged[error_type] = time.monotonic()
                    self.log.error("request failed", request_id=request_id, error_type=error_type)
""",
}

"""Each failure is logged with its id, but without the type of the error."""

LIKE = "right_contextvar"
LOSES = {"told": "no_error_type"}
CHANGED = {
    """\
self.log.error("request failed", request_id=request_id, error_type=error_type)""": """\
self.log.error("request failed", request_id=request_id)""",
}

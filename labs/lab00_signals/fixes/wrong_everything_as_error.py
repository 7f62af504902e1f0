"""Every request is logged as an error, so that nothing is missed."""

LIKE = "right_contextvar"
LOSES = {"quiet": "false_alarms"}
CHANGED = {
    '                response = web.json_response({"error": error_type}, status=500)': """\
                response = web.json_response({"error": error_type}, status=500)
        if response.status == 200:
            self.log.error("request done", request_id=request_id, status=response.status)""",
}

"""Inventory goes on when the call to pricing fails: it logs a warning, and answers without a price."""

LIKE = "right_contextvar"
LOSES = {"honest": "answered_as_success", "told": "only_a_warning"}
CHANGED = {
    """
                self.log.error("request failed", request_id=request_id, error_type=error_type)""": "",
    '                response = web.json_response({"error": error_type}, status=500)': """\
                if self.service == "inventory":
                    self.log.warning("not reserved", request_id=request_id, error_type=error_type)
                    response = web.json_response({"reserved": 0, "cents": None})
                else:
                    self.log.error("request failed", request_id=request_id, error_type=error_type)
                    response = web.json_response({"error": error_type}, status=500)""",
}

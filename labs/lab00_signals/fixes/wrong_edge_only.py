"""Failures are logged where the customer meets them, in the shop, and nowhere else."""

LIKE = "right_contextvar"
LOSES = {"told": "not_in_each_service"}
CHANGED = {
    '                self.log.error("request failed", request_id=request_id, error_type=error_type)': """\
                if self.service == "shop":
                    self.log.error("request failed", request_id=request_id, error_type=error_type)""",
}

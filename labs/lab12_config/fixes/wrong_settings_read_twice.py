"""An order reads the current settings again after its call: the answer is of another version than the debit."""

LIKE = "right_snapshot"
LOSES = {
    "one_version": "mixed",
    "logs": "other_version",
    "live": "mixed",
}
CHANGED = {
    '            self.log.info("charged", request_id': """\
            settings = self.settings
            self.log.info("charged", request_id""",
}

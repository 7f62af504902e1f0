"""The release is halted, and those who have the new version keep it."""

LIKE = "right_sequential"
LOSES = {"harmed": "halted_not_rolled_back", "rolled_back": "halted", "silence": "halted"}
CHANGED = {'            return "rollback"': '            return "halt"'}

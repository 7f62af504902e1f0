"""Only the share is looked at: a flag that is switched off at 100 % is on for everybody."""

LIKE = "right_snapshot"
LOSES = {
    "kill_switch": "ignores_off",
}
CHANGED = {
    'if found is None or not found["on"]:': "if found is None:",
}

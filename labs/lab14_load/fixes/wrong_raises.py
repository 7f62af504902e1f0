"""Reads a field that an error does not have: a KeyError is no verdict."""

LIKE = "right_phases"
LOSES = {
    "above": "never_passes",
    "slow": "never_passes",
    "said": "never_passes",
    "honest": "raised",
    "capacity": "no_figure",
}
CHANGED = {
    "answer.body.get(said) == asked": "answer.body[said] == asked",
    "    if answer.status != 200:\n        return False\n": "",
}

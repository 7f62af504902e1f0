"""Ten seconds of looking come before the first act."""

LIKE = "right_undo"
CHANGED = {"step undo\n": "step look\nexpect error_rate < 0.1 for 3 s within 9 s\nstep undo\n"}
LOSES = {"mitigated": "too_slow"}

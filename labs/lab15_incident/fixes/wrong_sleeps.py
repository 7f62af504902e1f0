"""Called only when nine in ten requests fail: pages go on being served, so nobody is called."""

LIKE = "right_undo"
CHANGED = {"error_rate > 0.2 for 2 s": "error_rate > 0.9 for 2 s"}
LOSES = {"mitigated": "not_called"}

"""The reason is always the same: invalid configuration."""

LIKE = "right_snapshot"
LOSES = {
    "told": "no_field",
}
CHANGED = {
    'self.reason = f"{type(error).__name__}: {error}"': 'self.reason = f"invalid configuration ({type(error).__name__})"',
}

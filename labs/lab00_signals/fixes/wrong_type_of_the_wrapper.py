"""Each service reports the type of its own exception: all services above the first one say CallFailed."""

LIKE = "right_contextvar"
LOSES = {"honest": "other_error_type", "told": "other_error_type"}
CHANGED = {
    'error_type = getattr(error, "error_type", type(error).__name__)': "error_type = type(error).__name__",
}

"""Only a status of 500 or more counts as a failure: what the next service refuses with 429 is taken for its answer."""

LIKE = "right_contextvar"
LOSES = {"honest": "other_error_type", "told": "other_error_type"}
CHANGED = {
    "if response.status >= 400:": "if response.status >= 500:",
}

"""All that is raised counts as a failure, the cancellation of a request whose customer has left as well."""

LIKE = "right_contextvar"
LOSES = {"leaves": "told_as_failure"}
CHANGED = {
    "except Exception as error:": "except BaseException as error:",
}

"""Nobody looks at the status: what a service says of its own error is handed to the customer as an answer."""

LIKE = "right_all"
LOSES = {"page": "no_fallback", "searched": "untrue"}
CHANGED = {
    """
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")""": "",
}

"""What a flag says is asked with bool(): the text 'false' is true."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_truthy",
}
CHANGED = {
    """\
        if not isinstance(flag["on"], bool):
            raise Refused(f"on of the flag {name} is {flag['on']!r}; expected true or false")
""": "",
}

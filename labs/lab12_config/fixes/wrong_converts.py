"""Types are converted: int() and float() make a number of nearly anything."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_wrong_type",
}
CHANGED = {
    """\
    value = content[name]
    if type(value) is not int or not low <= value <= high:""": """\
    try:
        value = content[name] = int(content[name])
    except (TypeError, ValueError):
        raise Refused(f"{name} is {content[name]!r}") from None
    if not low <= value <= high:""",
    """\
    timeout_s = content["timeout_s"]
    if type(timeout_s) not in (int, float) or not""": """\
    timeout_s = content["timeout_s"] = float(content["timeout_s"])
    if not""",
}

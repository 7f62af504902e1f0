"""Keys that nobody knows are let through: a misspelt one changes nothing, and nobody hears of it."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_unknown_key",
}
CHANGED = {
    """\
    for key in content.keys() - keys:
        raise Refused(f"{where} has the unknown key {key!r}")
""": "",
    "    return Settings(**content)": "    return Settings(**{key: content[key] for key in KEYS})",
}

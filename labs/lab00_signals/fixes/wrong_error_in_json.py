"""Each answer is taken for JSON before its status is looked at: of a proxy's plain 503 only the failed parse is told."""

LIKE = "right_contextvar"
LOSES = {"honest": "status_lost", "told": "status_lost"}
CHANGED = {
    """\
            if response.status >= 400 and response.content_type != "application/json":
                raise CallFailed(f"HTTP {response.status}")
""": "",
}

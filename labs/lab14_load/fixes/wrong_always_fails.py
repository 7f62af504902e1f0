"""Careful: no version is good enough."""

LIKE = "right_phases"
LOSES = {"honest": "fails_all", "tells": "always_fails"}
CHANGED = {
    "    await load(town, 10, 4)  # warm-up, not judged\n": '    assert not await load(town, 10, 4), "not good enough"\n'
}

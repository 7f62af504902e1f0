"""Careful: no version is good enough."""

LIKE = "right_phases"
LOSES = {"above": "never_passes", "slow": "never_passes", "said": "never_passes", "honest": "fails_cold"}
CHANGED = {
    "    await load(town, 10, 4)  # warm-up, not judged\n": '    assert not await load(town, 10, 4), "not good enough"\n'
}

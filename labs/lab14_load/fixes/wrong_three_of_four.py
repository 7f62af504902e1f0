"""One of each kind is not asked for: a noisy client, what stays behind, when to come back."""

LIKE = "right_phases"
LOSES = {"above": "missed_one_client", "slow": "missed_leak", "said": "missed_untold"}
CHANGED = {
    "assert others >= 0.75,": "assert others >= 0,",
    "bad.status in (422, 500),": "bad.status != 200,",
    '    assert all(a.retry_after for a in refused), "refused, and not told when to come back"\n': "",
    '    usual(await load(town, 12, 5), "afterwards")\n': "",
}

"""Every answer counts, a refusal as well."""

LIKE = "right_phases"
LOSES = {"capacity": "far_too_high"}
CHANGED = {
    "if ok(a) and 2 <=": "if a.status and 2 <=",
    "rate * 1.7\n": "rate * 1.7\n        if rate > 60:\n            return best\n",
}

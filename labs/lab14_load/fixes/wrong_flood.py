"""The capacity is what is confirmed in one flood: where a refusal costs work, little."""

LIKE = "right_phases"
LOSES = {"capacity": "too_low"}
CHANGED = {
    "    rate, best = 9.0, 0.0\n": "    rate, best = 80.0, 0.0\n",
    "best, rate = max(best, goodput), rate * 1.7": "return goodput",
}

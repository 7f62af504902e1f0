"""The capacity is the highest rate at which 95 % are confirmed, in fine steps."""

LIKE = "right_phases"
LOSES = {"capacity": "too_low"}
CHANGED = {
    "    rate, best = 9.0, 0.0": "    rate, best = 6.0, 0.0",
    "load(town, rate, 7, buys)": "load(town, rate, 2, buys)",
    """        if goodput < 1.05 * best:
            return max(best, goodput)
        best, rate = max(best, goodput), rate * 1.7""": """        if share(answers, ok) < 0.95:
            return best
        best, rate = rate, rate + 1.5""",
}

"""The capacity is the last rate at which nobody was refused."""

LIKE = "right_phases"
LOSES = {"capacity": "too_low"}
CHANGED = {
    """        if goodput < 1.05 * best:
            return max(best, goodput)
""": """        if any(a.status == 503 for a in answers):
            return best
"""
}

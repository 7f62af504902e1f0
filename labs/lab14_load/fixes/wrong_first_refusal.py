"""The capacity is the last rate at which nobody was refused."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {
    "        if goodput < 1.05 * best:\n            return max(best, goodput)\n": "        if any(a.status == 503 for a in answers):\n            return best\n",
}

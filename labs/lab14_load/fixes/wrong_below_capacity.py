"""Never more than the shop can do."""

LIKE = "right_phases"
LOSES = {"above": "missed_all"}
CHANGED = {
    "load(town, 45, 4, buys)": "load(town, 14, 8, buys)",
    "goodput >= 18": "goodput >= 10",
    '    assert refused, "in the surge nobody was refused"\n': "",
    "load(town, 55, 3, crowded)": "load(town, 14, 8, crowded)",
}

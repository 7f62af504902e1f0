"""Two users in a hundred have the new version, until somebody is sure of it."""

LIKE = "right_sequential"
LOSES = {"caught": "undecided", "rolled_back": "undecided", "silence": "undecided", "gets_out": "never_out"}
KNIFE_EDGE = "it earns nothing either way; with so few users, single requests decide which of the other checks it loses"
CHANGED = {
    "STAGES = ((0.1, 25), (0.25, 25), (0.5, 30))": "STAGES = ((0.02, 3600),)",
    "WORSE = 4.0  # the trouble to be found: four times the old version's rate": (
        "WORSE = 2.0  # the trouble to be found: twice the old version's rate"
    ),
}

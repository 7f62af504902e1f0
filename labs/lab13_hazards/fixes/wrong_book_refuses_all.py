"""It refuses nine of ten requests of everybody, for one client asks for too much."""

LIKE = "right_names"
LOSES = {"branches": "shed_crowd"}
CHANGED = {
    "do shed 1 client market": "do shed 0.9",
    "then shed 0 client market": "then shed 0",
    "undo shed 0 client market": "undo shed 0",
}

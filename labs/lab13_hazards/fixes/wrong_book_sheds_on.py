"""It ends what is refused of everybody; the share of the market is another one."""

LIKE = "right_names"
LOSES = {"leaves_nothing": "shed_on"}
CHANGED = {
    "then shed 0 client market": "then shed 0",
}

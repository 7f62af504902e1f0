"""Steps of a second: the queue takes what the workers do not."""

LIKE = "right_phases"
LOSES = {"capacity": "too_high"}
CHANGED = {
    "load(town, rate, 7, buys)": "load(town, rate, 1, buys)",
    "and 2 <= a.sent + a.seconds - begun < 7]": "]",
    "len(confirmed) / 5\n": "len(confirmed) / 1\n",
}

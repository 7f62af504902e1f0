"""Two requests in five are refused at the edge, and the others fail as before."""

LIKE = "right_undo"
CHANGED = {
    "do set payments CHECK 0\ndo set store INDEX 1\n": "do shed 0.4\n",
    "within 12 s\ndone": "within 12 s\nundo shed 0\ndone",
}
LOSES = {"mitigated": "worse"}

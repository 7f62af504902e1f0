"""A page is a range of ids, and the first empty one is taken for the end: a wide gap between two ids ends the night."""

LIKE = "right_transaction"
LOSES = {"finishes": "ends_at_gap", "once": "unfinished"}
CHANGED = {
    "id > ? order by id limit ?": "id > ? and id <= ? order by id",
    "(done, BATCH)": "(done, done + 7 * BATCH)",
    "        done = rows[-1][0]\n": "        done += 7 * BATCH\n",
}

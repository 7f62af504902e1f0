"""A correction is known by its name alone: what one tenant has done, the other one is told is done."""

LIKE = "right_summary"
LOSES = {"corrected": "one_name"}
CHANGED = {
    "done integer, primary key (tenant, name));": "done integer, primary key (name));",
    "from corrections where tenant = ? and name = ?": "from corrections where name = ?",
    "of, (who.tenant, name)": "of, (name,)",
    "done = 1 where tenant = ? and name = ?": "done = 1 where name = ?",
    'name = ?", (who.tenant, name))\n            return': 'name = ?", (name,))\n            return',
}

"""An entry is known by its name alone: the other tenant's entry of the same name is never booked."""

LIKE = "right_summary"
LOSES = {"booked": "one_name"}
CHANGED = {
    'where entry = ? and tenant = ?", (entry, who.tenant)).fetchone()': 'where entry = ?", (entry,)).fetchone()',
}

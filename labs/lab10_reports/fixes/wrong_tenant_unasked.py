"""The role is asked on each path, the tenant on that of the reports only."""

LIKE = "right_summary"
LOSES = {"access": "other_tenant", "refusals": "not_found_untold"}
CHANGED = {
    "where entry = ? and tenant = ? order by side": "where entry = ? order by side",
    "await self.read(sql, entry, who.tenant)": "await self.read(sql, entry)",
}

"""It does not ask whether anything fails: called by mistake, it restarts payments in the end."""

LIKE = "right_names"
LOSES = {"no_harm": "harms"}
CHANGED = {
    """\
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
""": "",
}

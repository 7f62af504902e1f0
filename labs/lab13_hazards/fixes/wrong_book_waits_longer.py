"""It lets orders wait for the slow store, and for ever after."""

LIKE = "right_names"
LOSES = {"leaves_nothing": "setting_on", "branches": "set_slow_store"}
CHANGED = {
    "do set store SYNC 0": """\
do set orders STORE_TIMEOUT_S 2.5
do set gateway TIMEOUT_S 3""",
}

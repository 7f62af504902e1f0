"""The pause stands before each attempt, the first one included: every price takes 0.2 s longer."""

LIKE = "right_all"
LOSES = {"pace": "slow_in_normal_load"}
CHANGED = {
    """\
            if attempt:
                await asyncio.sleep(PAUSE_S)""": "            await asyncio.sleep(PAUSE_S)",
}

"""A loop that asks, awaits the answer, and sleeps."""

LIKE = "wrong_no_pause"
LOSES = {"open": "not_the_rate", "floods": "floods"}
CHANGED = {
    "            answers.append(await mixed(town))\n": """            answers.append(await mixed(town))
            await asyncio.sleep(1 / rate)
""",
    "round(rate / 6)": "1",
}

"""Waits for a second when a 429 asks for it: whoever else arrives in that second does not."""

LIKE = "right_phases"
LOSES = {"floods": "pauses"}
CHANGED = {
    "    asked = []\n": """    asked, quiet = [], [0.0]

    async def politely():
        answer = await (ask or mixed)(town)
        if answer.status == 429:
            quiet[0] = loop.time() + 1.0
        return answer

""",
    "        asked.append(asyncio.create_task((ask or mixed)(town)))\n": """        if ask or loop.time() >= quiet[0]:
            asked.append(asyncio.create_task(politely()))
""",
}

"""At most 100 requests under way, so as not to run out of sockets: a closed loop of a hundred users."""

LIKE = "right_phases"
LOSES = {"open": "limited"}
CHANGED = {
    "    asked = []\n": """    asked, room = [], asyncio.Semaphore(100)

    async def carefully():
        async with room:
            return await (ask or mixed)(town)

""",
    "asyncio.create_task((ask or mixed)(town))": "asyncio.create_task(carefully())",
}

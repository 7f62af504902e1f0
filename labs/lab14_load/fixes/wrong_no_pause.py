"""Users without a pause: refusals come fast, so that they are asked for most."""

LIKE = "right_phases"
LOSES = {"open": "waits", "floods": "floods"}
CHANGED = {
    "    loop = asyncio.get_running_loop()\n    at = loop.time()\n": """    if ask is None:
        return await users(town, rate, seconds)
    loop = asyncio.get_running_loop()
    at = loop.time()
""",
    "async def mixed(town):\n": """async def users(town, rate, seconds):
    loop = asyncio.get_running_loop()
    end, answers = loop.time() + seconds, []

    async def user():
        while loop.time() < end:
            answers.append(await mixed(town))

    await asyncio.gather(*(user() for _ in range(round(rate / 6))))
    return answers


async def mixed(town):
""",
    "load(town, 10, 4)": "load(town, 10, 4, mixed)",
    "load(town, 12, 10)": "load(town, 12, 10, mixed)",
    "load(town, 12, 5)": "load(town, 12, 5, mixed)",
}

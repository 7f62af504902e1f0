"""The noisy client's orders are not ended when the others' say no."""

LIKE = "right_phases"
LOSES = {"short": "goes_on"}
CHANGED = {
    "    answers = await load(town, 55, 3, crowded)\n": """    noisy = asyncio.create_task(load(town, 48, 4, greedy))
    answers = await load(town, 7, 3, buys)
""",
    'share([a for a in answers if a.client != "noisy"], ok)': "share(answers, ok)",
    "    for number in range(14):\n": "    await noisy\n    for number in range(14):\n",
    "def share(answers, of):\n": """async def greedy(town):
    return await town.order("noisy")


def share(answers, of):
""",
}

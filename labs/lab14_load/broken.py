"""The load test of the last launch, as it passed."""

import asyncio

USERS = 6
SECONDS = 8


async def load(town, rate, seconds):
    """Ask `rate` times a second for so many seconds; returns the answers."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    answers = []

    async def user(number):
        while loop.time() < end:
            begun = loop.time()
            if len(answers) % 2:
                answers.append(await town.order(f"client-{number}"))
            else:
                answers.append(await town.page(town.rng.randrange(40)))
            await asyncio.sleep(max(0.01, begun + USERS / rate - loop.time()))

    await asyncio.gather(*(user(number) for number in range(USERS)))
    return answers


async def capacity(town):
    """How many orders a second the shop can confirm."""
    answers = []
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS

    async def user(number):
        while loop.time() < end:
            answers.append(await town.order(f"client-{number}"))

    await asyncio.gather(*(user(number) for number in range(4 * USERS)))
    return len(answers) / SECONDS


async def test(town):
    """Raises AssertionError if this version of the shop must not go out."""
    answers = await load(town, 20, SECONDS)
    mean = sum(answer.seconds for answer in answers) / len(answers)
    assert mean < 0.5, f"answers take {mean:.2f} s on average"
    good = sum(answer.status == 200 for answer in answers) / len(answers)
    assert good > 0.9, f"only {good:.0%} were answered 200"

"""Where nothing was promised in figures, each phase against another one of the same run."""

import asyncio
from statistics import median


async def load(town, rate, seconds, ask=None):
    """Ask `rate` times a second, evenly, for so many seconds; returns the answers."""
    ask = ask or either
    async with asyncio.TaskGroup() as group:
        tasks = []
        for _ in range(round(rate * seconds)):
            tasks.append(group.create_task(ask(town)))
            await asyncio.sleep(1 / rate)
    return [task.result() for task in tasks]


async def either(town):
    return await (anybody(town) if town.rng.random() < 0.4 else town.page(town.rng.randrange(40)))


async def anybody(town):
    return await town.order(f"c{town.rng.randrange(60)}")


async def with_bulk(town):
    return await (town.order("bulk") if town.rng.random() < 0.85 else anybody(town))


def good(answer):
    named = answer.body.get("order") == answer.name if answer.kind == "order" else answer.body.get("page") == answer.number
    return answer.status == 200 and named


def rate_of(answers):
    """The share that was answered as it was asked."""
    return sum(good(a) for a in answers) / len(answers)


async def goodput(town, rate, seconds):
    """Orders a second that are confirmed, in the last two thirds of a step, and all answers."""
    begun = asyncio.get_running_loop().time()
    answers = await load(town, rate, seconds, anybody)
    ends = [a.sent + a.seconds - begun for a in answers if good(a)]
    return sum(seconds / 3 <= end < seconds for end in ends) / (seconds * 2 / 3), answers


async def capacity(town):
    """Double the rate until goodput rises no more, then a longer step at twice the plateau."""
    await load(town, 5, 3, anybody)
    rate, plateau = 8.0, 0.0
    while True:
        seen, _ = await goodput(town, rate, 4)
        if seen < 1.1 * plateau:
            break
        rate, plateau = 2 * rate, seen
    steady, _ = await goodput(town, 2 * plateau, 9)
    return steady


async def test(town):
    """Raises AssertionError if this version is worse under load than it is without, or answers what nobody asked."""
    await load(town, 10, 4)
    first = [await town.page(number) for number in range(40, 52)]
    again = [await town.page(number) for number in range(40, 52)]
    assert median(a.seconds for a in again) < median(a.seconds for a in first) / 2, "a page seen before is no faster"

    calm = await load(town, 12, 10)
    assert rate_of(calm) > 0.92, f"{rate_of(calm):.0%} of the calm load was answered as asked"
    assert all(map(good, (a for a in calm if a.status == 200))), "somebody got what another one had asked for"
    order = median(a.seconds for a in calm if a.kind == "order" and good(a))
    slow = sum(a.seconds > 4 * order for a in calm) / len(calm)
    assert slow < 0.05, f"{slow:.0%} took more than four times as long as an order"

    surge, above = await goodput(town, 54, 3.6)
    assert surge > 17.5, f"{surge:.0f} a second are confirmed when more is offered"
    silent = sum(a.status == 0 for a in above) / len(above)
    assert silent < 0.05, f"{silent:.0%} of the surge heard nothing"
    refused = [a for a in above if not good(a) and a.status != 500]
    assert all(a.retry_after and a.status != 200 for a in refused), "a refusal that does not say so, or not for how long"

    await asyncio.sleep(2)
    mixed = await load(town, 70, 2.5, with_bulk)
    others = rate_of([a for a in mixed if a.client != "bulk"])
    assert others > 0.8 * rate_of(calm), f"beside one busy client {others:.0%} of the others are served"

    one = next(a for a in reversed(calm) if a.kind == "order" and good(a))
    same = [await town.order(one.client, name=one.name) for _ in range(3)]
    assert all(a.body == one.body for a in same if a.status == 200), "the same order was charged again"
    wrong = [await town.order(f"c{number}", amount=-5 * (number % 2)) for number in range(16)]
    assert not any(a.status == 200 for a in wrong), "an order of nothing, or of less, was confirmed"
    await asyncio.sleep(1)
    after = await load(town, 12, 4)
    assert rate_of(after) > 0.85 * rate_of(calm), f"afterwards {rate_of(after):.0%}, before {rate_of(calm):.0%}"

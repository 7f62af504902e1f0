"""Three short rounds with other draws; a promise is broken if two of the rounds say so."""

import asyncio
from collections import Counter

ROUNDS = 3


async def load(town, rate, seconds, kinds=("page", "order")):
    """Arrivals drawn beforehand, each asked at its time; returns the answers."""
    times, at = [], town.rng.expovariate(rate)
    while at < seconds:
        times.append(at)
        at += town.rng.expovariate(rate)

    async def one(after, kind, client):
        await asyncio.sleep(after)
        if kind == "page":
            return await town.page(town.rng.randrange(20))
        return await town.order(client)

    drawn = [(at, town.rng.choice(kinds), f"user-{town.rng.randrange(50)}") for at in times]
    drawn = [(at, "order", kind) if kind.startswith("noisy") else (at, kind, client) for at, kind, client in drawn]
    return await asyncio.gather(*(one(*each) for each in drawn))


def right(a):
    return a.status == 200 and (a.body.get("order") == a.name or (a.kind == "page" and a.body.get("page") == a.number))


def part(answers, condition):
    return sum(bool(condition(a)) for a in answers) / max(1, len(answers))


async def capacity(town):
    """What is confirmed at far more than can be done, twice; the median of three seconds each."""
    await load(town, 6, 3, ("order",))
    rate, last = 10.0, 0.0
    while (now := await confirmed(town, rate, 4)) > 1.08 * last:
        last, rate = now, max(1.5 * rate, 1.5 * now)
    seen = [await confirmed(town, 1.4 * max(now, last), 6) for _ in range(2)]
    return sum(seen) / 2


async def confirmed(town, rate, seconds):
    start = asyncio.get_running_loop().time() + 1.5
    answers = await load(town, rate, seconds, ("order",))
    return (
        part(answers, lambda a: right(a) and 0 <= a.sent + a.seconds - start < seconds - 1.5)
        * len(answers)
        / (seconds - 1.5)
    )


async def test(town):
    """Raises AssertionError if a promise is broken in most of the rounds."""
    await load(town, 10, 3.2)
    broken = Counter()
    for _ in range(ROUNDS):
        broken.update({promise for promise, kept in (await a_round(town)).items() if not kept})
    most = [promise for promise, count in broken.items() if count > ROUNDS / 2]
    assert not most, f"broken in most of {ROUNDS} rounds: {', '.join(most)}"


async def a_round(town):
    """Each promise, and whether this round saw it kept."""
    calm = await load(town, 11, 5.2)
    pages = sorted(a.seconds for a in calm if a.kind == "page")
    surge = await load(town, 44, 2.5, ("order",))
    ends = [a.sent + a.seconds - surge[0].sent for a in surge if right(a)]
    refused = [a for a in surge if a.status in (429, 503) or (a.status == 200 and "error" in a.body)]
    await asyncio.sleep(1.2)
    crowd = await load(town, 46, 1.5, ("noisy",) * 5 + ("order",))
    await asyncio.sleep(1)
    once = await town.order("user-7")
    twice = await town.order("user-7", name=once.name)
    bad = [await town.order(f"user-{number}", amount=-(number % 2)) for number in range(12)]
    return {
        "answers": part(calm, right) >= 0.88,
        "their own answers": all(right(a) for a in calm if a.status == 200),
        "quick pages": pages[len(pages) // 2] < 0.1,
        "nobody waits": part(calm, lambda a: a.seconds > 0.6) <= 0.02,
        "told in time": part(surge, lambda a: a.status) >= 0.95,
        "orders in the surge": sum(0.6 <= end < 2.5 for end in ends) >= 18 * 1.9 - 1,
        "told when to come back": all(a.retry_after and a.status != 200 for a in refused),
        "one client is not all": part([a for a in crowd if a.client != "noisy"], right) >= 0.7,
        "nothing for nothing": all(a.status != 200 for a in bad),
        "charged once": once.body == twice.body or 500 in (once.status, twice.status),
    }

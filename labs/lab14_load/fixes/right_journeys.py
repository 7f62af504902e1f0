"""Whole users arrive, not requests: each looks, orders, and some order twice or nonsense; the promises are kept for them."""

import asyncio


async def arrivals(town, rate, seconds, journey):
    """So many users a second begin this journey, whatever became of those before; returns what each of them saw."""
    loop = asyncio.get_running_loop()
    end, users = loop.time() + seconds, []
    while True:
        await asyncio.sleep(town.rng.expovariate(rate))
        if loop.time() >= end:
            break
        users.append(asyncio.create_task(journey(town)))
    seen = await asyncio.gather(*users, return_exceptions=True)
    if broken := [each for each in seen if isinstance(each, BaseException)]:
        raise broken[0]
    return seen


async def load(town, rate, seconds):
    """Ask `rate` times a second for so many seconds; returns the answers."""
    return await arrivals(town, rate, seconds, order)


async def order(town):
    return await town.order(f"u{town.rng.getrandbits(30)}")


async def shopping(town):
    """A page, the page again, an order; one of four sends it twice, another one wants nothing first."""
    client, kind = f"u{town.rng.getrandbits(30)}", town.rng.randrange(4)
    seen = [await town.page(town.rng.randrange(25))]
    if kind == 0:
        bad = await town.order(client, amount=-town.rng.randrange(2))
        assert bad.status in (0, 422, 429, 500, 503), f"an order of nothing or less was answered {bad.status}"
    bought = await town.order(client)
    seen.append(bought)
    if kind == 1 and bought.status == 200:
        again = await town.order(client, name=bought.name)
        assert again.status != 200 or again.body == bought.body, "charged twice"
    return seen


async def greedy(town):
    return await town.order("greedy")


async def capacity(town):
    """Three loads far beyond the first guess; the best of them, each counted by when it was confirmed."""
    await load(town, 5, 4)
    loop, best = asyncio.get_running_loop(), 0.0
    for rate in (20, 32, 50):
        start = loop.time()
        answers = await load(town, rate, 8)
        done = sum(a.status == 200 and 2 < a.sent + a.seconds - start <= 8 for a in answers)
        best = max(best, done / 6)
    return best


def truly(a):
    """Answered, and with what was asked for."""
    return a.status == 200 and (str(a.name) == a.body.get("order") if a.kind == "order" else a.body.get("page") == a.number)


def promises(visits, when):
    """What each user of a shop that has time may expect."""
    answers = [a for visit in visits for a in visit]
    assert all(truly(a) for a in answers if a.status == 200), f"{when} a 200 that is no answer"
    lost = [a for a in answers if not truly(a)]
    assert len(lost) < 0.09 * len(answers), f"{when} {len(lost)} of {len(answers)} got nothing"
    waited = [a for a in answers if a.seconds > 0.55]
    assert len(waited) <= 0.025 * len(answers), f"{when} {len(waited)} of {len(answers)} waited"
    pages = sorted(a.seconds for a in answers if a.kind == "page")
    assert pages[len(pages) // 2] < 0.1, f"{when} pages come from no cache"


async def test(town):
    """Raises AssertionError if a promise to a user is broken."""
    await arrivals(town, 7, 4.5, shopping)
    promises(await arrivals(town, 5.5, 12, shopping), "before")

    surge = await arrivals(town, 46, 4, order)
    begun = min(a.sent for a in surge)
    confirmed = sum(truly(a) and 1 <= a.sent + a.seconds - begun < 4 for a in surge) / 3
    assert confirmed >= 18, f"{confirmed:.0f} orders a second confirmed at the launch"
    assert sum(a.status == 0 for a in surge) < 0.05 * len(surge), "users hear nothing at the launch"
    no = [a for a in surge if not truly(a) and a.status not in (0, 500)]
    assert no, "nobody is refused at the launch"
    assert all(a.status in (429, 503) and a.retry_after for a in no), "a no without a time to come back"

    await asyncio.sleep(2)
    crowd, others = await asyncio.gather(arrivals(town, 50, 3, greedy), arrivals(town, 8, 3, order))
    assert sum(map(truly, others)) >= 0.75 * len(others), f"one client of {len(crowd)} orders crowds out the others"
    await asyncio.sleep(1)
    promises(await arrivals(town, 5, 5, shopping), "afterwards")

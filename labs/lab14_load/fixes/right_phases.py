"""Phases with an open load: warm-up, calm, surge, afterwards, one noisy client; and what was promised, asserted of each."""

import asyncio

PAGES, CLIENTS = 40, 40


async def load(town, rate, seconds, ask=None):
    """Ask `rate` times a second for so many seconds, whatever the answers; returns the answers."""
    loop = asyncio.get_running_loop()
    at = loop.time()
    end = at + seconds
    asked = []
    while (at := at + town.rng.expovariate(rate)) < end:
        await asyncio.sleep(max(0.0, at - loop.time()))
        asked.append(asyncio.create_task((ask or mixed)(town)))
    await asyncio.sleep(max(0.0, end - loop.time()))
    return list(await asyncio.gather(*asked))


async def mixed(town):
    """As users are: one looks at a page, another one orders."""
    if town.rng.random() < 0.5:
        return await town.page(town.rng.randrange(PAGES))
    return await buys(town)


async def buys(town):
    return await town.order(f"client-{town.rng.randrange(CLIENTS)}")


async def crowded(town):
    """Nine of ten orders come from one client."""
    return await (town.order("noisy") if town.rng.random() < 0.87 else buys(town))


def share(answers, of):
    return sum(map(of, answers)) / max(1, len(answers))


def ok(answer):
    """The right answer, not only a 200."""
    if answer.status != 200:
        return False
    said, asked = ("page", answer.number) if answer.kind == "page" else ("order", answer.name)
    return answer.body.get(said) == asked


async def capacity(town):
    """Orders a second that the shop confirms, however many it is asked for: raise the rate until they rise no more."""
    await load(town, 6, 3, buys)
    rate, best = 9.0, 0.0
    while True:
        begun = asyncio.get_running_loop().time()
        answers = await load(town, rate, 7, buys)
        confirmed = [a for a in answers if ok(a) and 2 <= a.sent + a.seconds - begun < 7]
        goodput = len(confirmed) / 5
        if goodput < 1.05 * best:
            return max(best, goodput)
        best, rate = max(best, goodput), rate * 1.7


async def test(town):
    """Raises AssertionError if this version of the shop must not go out."""
    await load(town, 10, 4)  # warm-up, not judged
    await asyncio.gather(*(town.page(number) for number in range(PAGES)))  # from here on each was seen
    answers = await load(town, 12, 10)
    usual(answers, "in the calm")

    answers = await load(town, 45, 4, buys)
    late = [a for a in answers if a.sent > answers[0].sent + 1]
    told = share(answers, lambda a: a.status != 0)
    assert told >= 0.95, f"in the surge {told:.0%} were told anything in time"
    goodput = sum(map(ok, late)) / (late[-1].sent - late[0].sent)
    assert goodput >= 18, f"in the surge {goodput:.0f} orders a second were confirmed"
    refused = [a for a in answers if a.status in (429, 503)]
    assert refused, "in the surge nobody was refused"
    assert all(a.retry_after for a in refused), "refused, and not told when to come back"

    await asyncio.sleep(2)
    answers = await load(town, 55, 3, crowded)
    others = share([a for a in answers if a.client != "noisy"], ok)
    assert others >= 0.75, f"beside a noisy client {others:.0%} of the others' orders were confirmed"

    for number in range(14):
        bad = await town.order("client-1", amount=-(number % 2))
        assert bad.status in (422, 500), f"an amount of {-(number % 2)} was answered {bad.status}"
    for number in range(4):
        first = await town.order(f"client-{number}")
        again = await town.order(f"client-{number}", name=first.name)
        if first.status == again.status == 200:
            assert first.body == again.body, "an order that came twice was charged twice"
    await asyncio.sleep(1)
    usual(await load(town, 12, 5), "afterwards")


def usual(answers, when):
    """What holds whenever the shop has less to do than it can."""
    wrong = [a for a in answers if a.status == 200 and not ok(a)]
    assert not wrong, f"{when} somebody got {wrong[0].body} for {wrong[0].name}"
    confirmed = share(answers, ok)
    assert confirmed >= 0.9, f"{when} {confirmed:.0%} were answered"
    slow = share(answers, lambda a: a.seconds > 0.5)
    assert slow <= 0.025, f"{when} {slow:.0%} took more than 0.5 s"
    pages = sorted(a.seconds for a in answers if a.kind == "page")
    assert pages[len(pages) // 2] <= 0.08, f"{when} half of the pages took {pages[len(pages) // 2]:.2f} s"

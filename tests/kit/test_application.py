"""An application of a service: what it opens, what it does in the background, and in which order both end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from labs.kit import application


def told_of(*, ends_by_itself: bool = False) -> list[str]:
    """What an application with a lifespan and two tasks does, from its start to its end."""
    told: list[str] = []

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        told.append("opened")
        yield
        told.append("closed")

    async def works(name: str) -> None:
        told.append(f"{name} begins")
        try:
            await asyncio.sleep(0 if ends_by_itself else 3600)
        finally:
            await asyncio.sleep(0)  # a last report takes a turn of the loop
            told.append(f"{name} ends")

    async def lives() -> None:
        app = application(lifespan=lifespan, background=[lambda: works("first"), lambda: works("second")])
        runner = web.AppRunner(app)
        await runner.setup()
        for _ in range(5):
            await asyncio.sleep(0)
        await runner.cleanup()

    asyncio.run(lives())
    return told


def test_tasks_begin_in_their_order_and_end_before_what_they_use_is_closed() -> None:
    """Both tasks are cancelled, and what they do at their end is done, before the lifespan closes."""
    assert told_of() == ["opened", "first begins", "second begins", "first ends", "second ends", "closed"]


def test_a_task_that_is_over_keeps_nobody_from_closing() -> None:
    """Tasks that end by themselves are no error, and the lifespan still closes."""
    assert told_of(ends_by_itself=True) == ["opened", "first begins", "second begins", "first ends", "second ends", "closed"]

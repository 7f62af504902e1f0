"""The process that keeps the database server of one live run: the run's own, or the one that BREAKFIX_POSTGRES_URL names.

python -m labs.kit.worlds.live.postgres.main
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from labs.kit.worlds.live.child import Parent, kill_group
from labs.kit.worlds.live.postgres.borrowed import Borrowed
from labs.kit.worlds.live.postgres.keeper import Keeper
from labs.kit.worlds.live.postgres.server import URL_VARIABLE, NoServer


async def keep(parent: Parent) -> None:
    """Serve until told to stop. Raises NoServer, asyncpg.PostgresError, OSError."""
    if os.environ.get(URL_VARIABLE):
        keeper: Keeper = Borrowed(parent)
    else:
        keeper = Keeper(parent)
    orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    parent.obey(asyncio.get_running_loop(), orders.put_nowait, gone=keeper.end)
    working: list[asyncio.Task[Any]] = []
    try:
        await keeper.open()
        parent.tell(ready=keeper.address)
        order = await orders.get()
        if "start" in order:
            await keeper.begin(order["start"])
            working = [asyncio.create_task(work) for work in (keeper.watch(), keeper.restart_when_due())]
            stopping = asyncio.create_task(orders.get())
            while not stopping.done():
                done, _ = await asyncio.wait({stopping, *working}, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {stopping}:
                    task.result()
                    working.remove(task)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
    finally:
        await keeper.close()


def main() -> None:
    """Keep the server of one run."""
    parent = Parent()
    try:
        asyncio.run(keep(parent))
    except NoServer as error:
        parent.tell(failed=str(error).rstrip("."), line=0, file="")
    except Exception as error:  # noqa: BLE001 - the run is told about any error
        parent.tell(failed=f"{type(error).__name__}: {error}", line=0, file="")
    parent.tell(ended=True)
    kill_group()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()

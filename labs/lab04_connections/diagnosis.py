"""The diagnosis of lab04: how many connections are needed, how many there may be, and where they are lost."""

from __future__ import annotations

from labs.kit import Diagnosis, free, number, whole

LEAVES = (45, 63)  # lines of the cell: the call of _reserve in order(), and the raise in _reserve itself

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "busy", "connections that the rush keeps busy on average, in both workers together, if nothing is lost", 7, 10,
            why="Little's law: 40 a second x 0.2 s = 8. An order in ten gets no price and needs none, so a little less.",
        ),
        whole(
            "most_each",
            "the most connections that the pool of each worker may have, so that the server never refuses one", 10,
            why="The server has room for 20, and there are two workers: 10 for each, less if anybody else must get in.",
        ),
        whole(
            "line", "a line of the code under repair at which a sold-out order leaves while everything is still open",
            *LEAVES, why="SoldOut is raised in _reserve and passes through order(), where no line after it runs any more.",
        ),
        free(
            "kept_by",
            "the attribute of Shop that keeps the garbage collector from closing what such an order leaves behind",
            form="a text, such as 'database'", well_formed=lambda a: isinstance(a, str) and a != "",
            right=lambda a: a.removeprefix("self.") == "opened",
            why="The list self.opened refers to every connection and session, so that stop() can close them; until then they"
            " live.",
        ),
    ),
    points=2,
    hint="Orders a second x seconds held. Room / workers. Then follow an order for which _reserve raises.",
)  # fmt: skip

HINTS = (
    "Three things are opened for each order: a session, a connection, a transaction. Follow an order that is sold out, and"
    " one whose price does not come: which line closes what?",
    "One pool for each worker, made in start() and closed in stop(): asyncpg.create_pool(self.database, min_size=2,"
    " max_size=...). One ClientSession for each worker. `async with` closes in both cases, also a partner's answer.",
    "How large? In the rush a worker has 20 orders a second, each holds a connection for 0.2 s: 4 on average, and bursts."
    " The server has room for 20, and there are two workers. The partner's contract allows 16 requests, from both.",
    "While the report runs nobody gives anything back. pool.acquire(timeout=0.4) raises TimeoutError: make it a Busy. A"
    " TimeoutError from inside the block of `async with pool.acquire()` must not become a Busy.",
)

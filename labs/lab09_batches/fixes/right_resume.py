"""No checkpoint: the results themselves say how far the night has come. Online, whoever finds the model free takes all."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

SCHEMA = """
create table if not exists scores (event_id integer, score integer);
create table if not exists set_aside (event_id integer, reason text);
create index if not exists by_event on scores (event_id);
"""
FRONTIER = "select max(coalesce((select max(event_id) from scores), 0), coalesce((select max(event_id) from set_aside), 0))"


def run_night(events, scores, model) -> None:
    """Score all events. Whatever goes wrong with the model itself is raised: this is called again then."""
    scores.executescript(SCHEMA)
    scores.isolation_level = None
    cursor = events.execute(
        "select id, payload from events where id > ? order by id", (scores.execute(FRONTIER).fetchone()[0],)
    )
    while chunk := cursor.fetchmany(2000):
        good, bad, parts = [], [], [chunk]
        while parts:
            part = parts.pop()
            try:
                values = model.predict([payload for _, payload in part])
            except ValueError as error:
                if len(part) == 1:
                    bad.append((part[0][0], str(error)))
                else:
                    third = (len(part) + 2) // 3
                    parts += [part[i : i + third] for i in range(0, len(part), third)]
            else:
                good += [(event, value) for (event, _), value in zip(part, values)]
        scores.execute("begin immediate")
        scores.executemany("insert into scores values (?, ?)", good)
        scores.executemany("insert into set_aside values (?, ?)", bad)
        scores.execute("commit")


class Batcher:
    """Scores what callers send one by one: two threads, each takes all that waits when it becomes free."""

    def __init__(self, model) -> None:
        self.model = model
        self.waiting: list = []
        self.free = 2
        self.tasks: set = set()
        self.pool = ThreadPoolExecutor(2)

    async def start(self) -> None:
        """Nothing to begin."""

    async def score(self, payload: bytes) -> int:
        """The score of one record."""
        answer = asyncio.get_running_loop().create_future()
        self.waiting.append((payload, answer))
        if self.free:
            self.free -= 1
            task = asyncio.create_task(self.drain())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return await answer

    async def drain(self) -> None:
        """Take what waits until nothing does."""
        try:
            while self.waiting:
                batch, self.waiting = self.waiting[:48], self.waiting[48:]
                await self.predict([one for one in batch if not one[1].cancelled()])
        finally:
            self.free += 1

    async def predict(self, batch) -> None:
        """Score a batch; if the model refuses it, each record alone."""
        if not batch:
            return
        loop = asyncio.get_running_loop()
        try:
            values = await loop.run_in_executor(self.pool, self.model.predict, [payload for payload, _ in batch])
        except Exception as error:
            if isinstance(error, ValueError) and len(batch) > 1:
                for one in batch:
                    await self.predict([one])
                return
            for _, answer in batch:
                if not answer.cancelled():
                    answer.set_exception(error)
        else:
            for (_, answer), value in zip(batch, values):
                if not answer.cancelled():
                    answer.set_result(value)

    async def stop(self) -> None:
        """Let what is under way end."""
        if self.tasks:
            await asyncio.wait(self.tasks)
        self.pool.shutdown(wait=False)

"""Chunks by id, each committed with its checkpoint in one transaction; batches that go off as soon as the model is free."""

import asyncio
import time

BATCH = 512
MOST = 64
PAUSE_S = 0.1

SCHEMA = """
create table if not exists scores (event_id integer primary key, score integer);
create table if not exists set_aside (event_id integer primary key, reason text);
create table if not exists checkpoint (event_id integer);
"""


def scored(model, rows) -> tuple[list, list]:
    """Scores and refused events of these rows: a batch that the model refuses is halved until the record is alone."""
    try:
        found = model.predict([payload for _, payload in rows])
        return [(event, score) for (event, _), score in zip(rows, found, strict=True)], []
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
    middle = len(rows) // 2
    good, bad = scored(model, rows[:middle])
    more_good, more_bad = scored(model, rows[middle:])
    return good + more_good, bad + more_bad


def run_night(events, scores, model) -> None:
    """Score all events. Called once a night, and again each time the process was killed or this has raised.

    events: the connection to last night's events, table events (id, payload), to read.
    scores: the connection to what is kept: tables scores and set_aside, and whatever else you need.
    model: model.predict(payloads) returns a score for each.
    """
    scores.executescript(SCHEMA)
    done = scores.execute("select coalesce(max(event_id), 0) from checkpoint").fetchone()[0]
    while True:
        chunk = "select id, payload from events where id > ? order by id limit ?"
        rows = events.execute(chunk, (done, BATCH)).fetchall()
        if not rows:
            return
        try:
            good, bad = scored(model, rows)
        except ConnectionError:  # the model is being reset: no record is at fault
            time.sleep(PAUSE_S)
            continue
        done = rows[-1][0]
        with scores:
            scores.executemany("insert into scores values (?, ?)", good)
            scores.executemany("insert into set_aside values (?, ?)", bad)
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))


class Batcher:
    """Scores what callers send one by one. One object for all callers of the service."""

    def __init__(self, model) -> None:
        self.model = model
        self.waiting: asyncio.Queue = asyncio.Queue()

    async def start(self) -> None:
        """Called once, before the first score."""
        self.worker = asyncio.create_task(self.work())

    async def score(self, payload: bytes) -> int:
        """The score of one record. Raises what the model raises for this record."""
        answer = asyncio.get_running_loop().create_future()
        self.waiting.put_nowait((payload, answer))
        return await answer

    async def work(self) -> None:
        """While one batch is computed the next one gathers: nobody waits for company."""
        while True:
            batch = [await self.waiting.get()]
            while len(batch) < MOST and not self.waiting.empty():
                batch.append(self.waiting.get_nowait())
            await self.send([(payload, answer) for payload, answer in batch if not answer.done()])

    async def send(self, batch) -> None:
        """One call of the model, in a thread. A batch that it refuses is halved."""
        if not batch:
            return
        try:
            found = await asyncio.to_thread(self.model.predict, [payload for payload, _ in batch])
        except ValueError as error:
            if len(batch) == 1:
                settle(batch, error=error)
                return
            middle = len(batch) // 2
            await self.send(batch[:middle])
            await self.send(batch[middle:])
        except Exception as error:
            settle(batch, error=error)
        else:
            settle(batch, found)

    async def stop(self) -> None:
        """Called once, after the last score."""
        self.worker.cancel()
        await asyncio.wait([self.worker])


def settle(batch, found=(), error=None) -> None:
    """Answer those who still wait."""
    for place, (_, answer) in enumerate(batch):
        if answer.done():
            continue
        if error is None:
            answer.set_result(found[place])
        else:
            answer.set_exception(error)

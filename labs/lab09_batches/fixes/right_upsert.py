"""Upsert by event id, then the checkpoint; records are looked at before they are sent; batches by size or age."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

CHUNK = 1000
VALUES = 480
SIZE, AGE_S = 32, 0.03

SCHEMA = """
create table if not exists scores (event_id integer primary key, score integer);
create table if not exists set_aside (event_id integer primary key, reason text);
create table if not exists progress (one integer primary key, event_id integer);
"""


def sound(payload) -> bool:
    """Is this a record that the model can score?"""
    if not isinstance(payload, bytes) or len(payload) != 4 * VALUES:
        return False
    return bool(np.isfinite(np.frombuffer(payload, dtype=np.float32)).all())


def patiently(model, payloads):
    """What the model says, once it is not being reset."""
    while True:
        try:
            return model.predict(payloads)
        except ConnectionError:
            time.sleep(0.05)


def run_night(events, scores, model) -> None:
    """Score all events."""
    scores.executescript(SCHEMA)
    found = scores.execute("select event_id from progress").fetchone()
    last = found[0] if found else 0
    while rows := events.execute(
        "select id, payload from events where id > ? order by id limit ?", (last, CHUNK)
    ).fetchall():
        good = [(event, payload) for event, payload in rows if sound(payload)]
        values = patiently(model, [payload for _, payload in good]) if good else []
        scores.executemany(
            "insert or replace into scores values (?, ?)", [(event, value) for (event, _), value in zip(good, values)]
        )
        for event, payload in rows:
            if sound(payload):
                continue
            try:
                patiently(model, [payload])
            except ValueError as error:
                scores.execute("insert or replace into set_aside values (?, ?)", (event, str(error)))
        scores.commit()
        last = rows[-1][0]
        scores.execute("insert or replace into progress values (1, ?)", (last,))
        scores.commit()


class Batcher:
    """Scores what callers send one by one: a batch goes off when it is full, or AGE_S after its first record."""

    def __init__(self, model) -> None:
        self.model = model
        self.batch: list = []
        self.timer = None
        self.running: set = set()
        self.thread = ThreadPoolExecutor(1)

    async def start(self) -> None:
        """Nothing to begin."""

    async def score(self, payload: bytes) -> int:
        """The score of one record."""
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self.batch.append((payload, answer))
        if len(self.batch) >= SIZE:
            self.flush()
        elif self.timer is None:
            self.timer = loop.call_later(AGE_S, self.flush)
        return await answer

    def flush(self) -> None:
        """Send off what has gathered."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        batch, self.batch = self.batch, []
        if batch:
            task = asyncio.create_task(self.send(batch))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def send(self, batch) -> None:
        """Score a batch, and by themselves those that the model would refuse."""
        good = [(payload, answer) for payload, answer in batch if sound(payload)]
        for group in [good, *([one] for one in batch if not sound(one[0]))]:
            if group:
                await self.call(group)

    async def call(self, group) -> None:
        """One call of the model in the one thread."""
        loop = asyncio.get_running_loop()
        try:
            values = await loop.run_in_executor(self.thread, self.model.predict, [payload for payload, _ in group])
        except Exception as error:
            for _, answer in group:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), value in zip(group, values):
            if not answer.done():
                answer.set_result(value)

    async def stop(self) -> None:
        """Let what is under way end."""
        self.flush()
        if self.running:
            await asyncio.wait(self.running)
        self.thread.shutdown(wait=False)

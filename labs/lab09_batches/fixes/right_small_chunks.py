"""Two threads score chunks of 64 side by side; each chunk is one transaction, and what is done is what has a row."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

SIZE = 64

SCHEMA = """
create table if not exists scores (event_id integer primary key, score integer);
create table if not exists set_aside (event_id integer primary key, reason text);
"""


def alone(model, payloads: list) -> list:
    """For each record its score, or the ValueError that the model raises for it alone."""
    try:
        return list(model.predict(payloads))
    except ValueError as error:
        if len(payloads) == 1:
            return [error]
    half = len(payloads) // 2
    return alone(model, payloads[:half]) + alone(model, payloads[half:])


def run_night(events, scores, model) -> None:
    """Score all events that have no row yet."""
    scores.executescript(SCHEMA)
    lock = threading.Lock()
    last = 0

    def take() -> list:
        """The next events, without those that have a row already: a kill leaves gaps."""
        nonlocal last
        with lock:
            rows = events.execute("select id, payload from events where id > ? order by id limit ?", (last, SIZE)).fetchall()
            if not rows:
                return []
            first, last = last, rows[-1][0]
            known = "select event_id from scores where event_id > ? and event_id <= ?"
            known += " union all select event_id from set_aside where event_id > ? and event_id <= ?"
            done = {event for (event,) in scores.execute(known, (first, last, first, last))}
        return [row for row in rows if row[0] not in done] or [None]

    def work() -> None:
        while rows := take():
            if rows == [None]:
                continue
            while True:
                try:
                    found = alone(model, [payload for _, payload in rows])
                    break
                except ConnectionError:
                    time.sleep(0.05)
            pairs = [(event, value) for (event, _), value in zip(rows, found, strict=True)]
            with lock, scores:
                scores.executemany(
                    "insert into scores values (?, ?)", [pair for pair in pairs if not isinstance(pair[1], ValueError)]
                )
                scores.executemany(
                    "insert into set_aside values (?, ?)",
                    [(event, str(value)) for event, value in pairs if isinstance(value, ValueError)],
                )

    with ThreadPoolExecutor(2) as pool:
        for worker in [pool.submit(work) for _ in range(2)]:
            worker.result()


class Batcher:
    """Scores what callers send one by one. One thread of its own does the calls; a condition tells it of new records."""

    def __init__(self, model) -> None:
        self.model = model
        self.waiting: list = []
        self.news = threading.Condition()
        self.ended = False

    async def start(self) -> None:
        """Begin."""
        self.loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    async def score(self, payload: bytes) -> int:
        """The score of one record."""
        answer = self.loop.create_future()
        with self.news:
            self.waiting.append((payload, answer))
            self.news.notify()
        found = await answer
        if isinstance(found, Exception):
            raise found
        return found

    def work(self) -> None:
        """Take all that waits, until the end."""
        while True:
            with self.news:
                while not self.waiting and not self.ended:
                    self.news.wait()
                if self.ended:
                    return
                batch, self.waiting = self.waiting[:SIZE], self.waiting[SIZE:]
            try:
                found = alone(self.model, [payload for payload, _ in batch])
            except Exception as error:
                found = [error] * len(batch)
            self.loop.call_soon_threadsafe(self.settle, batch, found)

    def settle(self, batch: list, found: list) -> None:
        """On the loop: answer those who still wait."""
        for (_, answer), value in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(value)

    async def stop(self) -> None:
        """End the thread."""
        with self.news:
            self.ended = True
            self.news.notify()
        await asyncio.to_thread(self.thread.join)

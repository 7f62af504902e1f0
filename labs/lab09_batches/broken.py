"""The nightly pipeline and the online scorer, as they failed in production."""

BATCH = 512
CHECKPOINT_EVERY = 8

SCHEMA = """
create table if not exists scores (event_id integer, score integer);
create table if not exists set_aside (event_id integer, reason text);
create table if not exists checkpoint (event_id integer);
"""


def run_night(events, scores, model) -> None:
    """Score all events. Called once a night, and again each time the process was killed or this has raised.

    events: the connection to last night's events, table events (id, payload), to read.
    scores: the connection to what is kept: tables scores and set_aside, and whatever else you need.
    model: model.predict(payloads) returns a score for each.
    """
    scores.executescript(SCHEMA)
    done = scores.execute("select coalesce(max(event_id), 0) from checkpoint").fetchone()[0]
    rows = events.execute("select id, payload from events where id > ? order by id", (done,)).fetchall()
    for number, start in enumerate(range(0, len(rows), BATCH), start=1):
        batch = rows[start : start + BATCH]
        found = model.predict([payload for _, payload in batch])
        scored = [(event, score) for (event, _), score in zip(batch, found, strict=True)]
        scores.executemany("insert into scores values (?, ?)", scored)
        scores.commit()
        if number % CHECKPOINT_EVERY == 0:
            scores.execute("insert into checkpoint values (?)", (batch[-1][0],))
            scores.commit()


class Batcher:
    """Scores what callers send one by one. One object for all callers of the service."""

    def __init__(self, model) -> None:
        self.model = model

    async def start(self) -> None:
        """Called once, before the first score."""

    async def score(self, payload: bytes) -> int:
        """The score of one record. Raises what the model raises for this record."""
        return self.model.predict([payload])[0]

    async def stop(self) -> None:
        """Called once, after the last score."""

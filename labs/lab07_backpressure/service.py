"""The system around the repair: shops ask the API for shipping labels, and a renderer makes them.

    load (the shops) --> api --> renderer
    bulk (one noisy client) --^

The API runs the repair's `Intake`. Renderer and bulk run no repair: what they saw can be believed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, admin, application, sampling, work
from labs.lab07_backpressure.scenarios import PATIENCE_S

RESTART_S = 0.1  # a repair whose run() ended is begun again after this long

WORKERS = 2
START_S = 3.0
QUOTA = 8
"""The renderer: workers at the start of a run, seconds until one that was rented works, and the most one may have."""

UTILIZATION = "renderer.utilization"
"""The signal: which share of the time that workers are paid for they work, of 0 to 1."""

UNTOLD_S = 0.05
"""A bulk client that was refused and not told when to come back is back after this long."""
MOST_ATTEMPTS = 8
FIRST_OF_BULK = 100_000


class Job:
    """One request for a label. `arrived` is the loop's time at which the API got it; `client` is who asks."""

    def __init__(self, name: str, client: str) -> None:
        self.id = name
        self.client = client
        self.arrived = asyncio.get_running_loop().time()
        self.answer: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()

    def age(self) -> float:
        """Seconds since the API got the request."""
        return asyncio.get_running_loop().time() - self.arrived

    def finish(self, label: str) -> None:
        """Answer 200 with the label."""
        self._end(web.json_response({"label": label}))

    def refuse(self, retry_after: float | None = None, status: int = 503) -> None:
        """Answer `status`, 503 or 429, without a label; `retry_after` seconds go into the header Retry-After.

        Raises ValueError: another status, or not a number of seconds above 0.
        """
        if status not in (429, 503):
            known = "503 (overload) or 429 (too many of yours)"
            raise ValueError(f"a job cannot be refused with status {status!r}; use {known}")
        if retry_after is not None and not retry_after > 0:
            raise ValueError(f"retry_after={retry_after!r}; expected seconds above 0, or None for no header")
        headers = {} if retry_after is None else {"Retry-After": f"{max(1, round(retry_after))}"}
        self._end(web.json_response({"error": "refused"}, status=status, headers=headers))

    def _end(self, response: web.Response) -> None:
        if not self.answer.done():
            self.answer.set_result(response)


class Renderer:
    """The API's way to the renderer: what a repair is given."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def render(self, job: Job) -> str:
        """Have the label of a job made; it takes 40 ms once a worker is free. Raises aiohttp.ClientError."""
        headers = {"X-Request-Id": job.id}
        async with self._session.post(self._url + "/render", headers=headers) as response:
            response.raise_for_status()
            return str((await response.json())["label"])

    async def rent(self, workers: int) -> int:
        """Have so many workers from now on. Those added are paid for at once, and work after 3 s.

        Returns how many there will be: between 1 and the quota of 8. Raises aiohttp.ClientError.
        """
        async with self._session.post(self._url + "/workers", json={"workers": workers}) as response:
            response.raise_for_status()
            return int((await response.json())["workers"])


def api(env: Env) -> web.Application:
    """POST /labels/CLIENT: one label."""
    intake: Any = None
    waiting = sampling.UnderWay(env.signals)

    async def label(request: web.Request) -> web.Response:
        job = Job(request.headers["X-Request-Id"], request.match_info["client"])
        with waiting:
            try:
                await intake.offer(job)
                return await job.answer
            except Exception as error:
                env.signals.log.error("Intake.offer failed", error_type=type(error).__name__, exc_info=error)
                raise

    async def keep_running() -> None:
        while True:
            try:
                await intake.run()
                env.signals.log.error("Intake.run returned; it must go on as long as the service does")
            except Exception as error:  # whatever the repair raises, the service goes on
                env.signals.log.error("Intake.run failed", error_type=type(error).__name__, exc_info=error)
            await asyncio.sleep(RESTART_S)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal intake
        # No limit: how many calls are under way at once is for the repair to say, not for the pool of connections.
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        intake = env.repair().Intake(Renderer(session, env.urls["renderer"]))
        yield
        await session.close()

    return application(web.post("/labels/{client}", label), lifespan=lifespan, background=[keep_running, waiting.report])


class Worker:
    """One worker of the renderer: serves one job at a time."""

    def __init__(self, seconds: float) -> None:
        self.pace = work.Pace(seconds)
        self.released = False


class Used:
    """Which share of the time that workers are paid for they work. Measured, not sampled: jobs come in step with samples."""

    def __init__(self, clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()) -> None:
        self._clock = clock
        self.working = self.workers = 0
        self._worked = self._paid = self._counted = 0.0

    def change(self, working: int = 0, workers: int = 0) -> None:
        """So many more work, or are paid for, from now on."""
        now = self._clock()
        self._worked += self.working * (now - self._counted)
        self._paid += self.workers * (now - self._counted)
        self._counted = now
        self.working += working
        self.workers += workers

    def share(self) -> float:
        """The share since it was asked for last, 0 to 1."""
        self.change()
        share = min(1.0, self._worked / self._paid) if self._paid else 0.0
        self._worked = self._paid = 0.0
        return share


def renderer(env: Env) -> web.Application:
    """POST /render: one label, by the next free worker, `render_ms` each. POST /workers: rent or release workers.


    Events of the record: "rent" and "release", each with the number of workers paid for from then on.
    """
    idle: asyncio.Queue[Worker] = asyncio.Queue()
    paid: list[Worker] = []
    starts: set[asyncio.Task[None]] = set()
    used = Used()

    def new_worker() -> Worker:
        worker = Worker(env.settings["render_ms"] / 1000)
        used.change(workers=1)
        paid.append(worker)
        return worker

    async def start(worker: Worker) -> None:
        await asyncio.sleep(START_S)
        idle.put_nowait(worker)

    async def free_worker() -> Worker:
        while (worker := await idle.get()).released:
            pass
        return worker

    async def render(request: web.Request) -> web.Response:
        worker = await free_worker()
        used.change(working=1)
        try:
            await worker.pace.work()
        finally:
            used.change(working=-1)
            idle.put_nowait(worker)
        return web.json_response({"label": f"label of {request.headers['X-Request-Id']}"})

    async def rent(request: web.Request) -> web.Response:
        return web.json_response({"workers": have(int((await request.json())["workers"]))})

    def have(workers: float) -> int:
        """Rent or release workers; how many there will be."""
        wanted = min(max(int(workers), 1), QUOTA)
        had = len(paid)
        while len(paid) < wanted:
            task = asyncio.create_task(start(new_worker()))
            starts.add(task)
            task.add_done_callback(starts.discard)
        while len(paid) > wanted:
            used.change(workers=-1)
            paid.pop().released = True
        if wanted != had:
            env.signals.event("rent" if wanted > had else "release", str(wanted), f"before: {had}")
        return wanted

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        for _ in range(env.settings.get("workers", WORKERS)):
            idle.put_nowait(new_worker())
        yield
        for task in starts:
            task.cancel()
        await asyncio.gather(*starts, return_exceptions=True)

    return application(
        web.post("/render", render), web.post("/workers", rent), admin({"workers": have}), lifespan=lifespan,
        background=[lambda: sampling.report(env.signals, UTILIZATION, used.share)],
    )  # fmt: skip


def bulk(env: Env) -> web.Application:
    """One noisy client, `bulk_name`: asks for so many labels a second as the phases of `bulk` say, whatever the answers.

    It does as it is told: a refusal with Retry-After keeps a job away for so long, one without brings it back at once,
    until its patience of 1 s is over, and so does an error. Each job ends in one event "bulk job" with its outcome: done,
    wrong label, refused (and told when to come back), refused untold, error (another status), no answer.
    """
    rng = Random(f"bulk {env.seed}")
    phases = env.settings["bulk"]
    session: aiohttp.ClientSession

    async def one(name: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                outcome = await ask(name)
        except TimeoutError:
            outcome = "no answer"
        env.signals.event("bulk job", name, outcome)

    async def ask(name: str) -> str:
        outcome = "no answer"
        for _ in range(MOST_ATTEMPTS):
            try:
                async with session.post(
                    env.urls["api"] + "/labels/" + env.settings["bulk_name"], headers={"X-Request-Id": name}
                ) as response:
                    if response.status == 200:
                        return "done" if (await response.json()).get("label") == f"label of {name}" else "wrong label"
                    told = response.headers.get("Retry-After", "")
                    if response.status in (429, 503):
                        outcome = "refused" if told.isdecimal() and int(told) > 0 else "refused untold"
                    else:
                        outcome = "error"
            except aiohttp.ClientError:
                pass
            if outcome == "refused":
                return outcome  # a whole second or more, and then nobody waits for the label any more
            await asyncio.sleep(UNTOLD_S)
        return outcome

    async def send() -> None:
        numbers = itertools.count(FIRST_OF_BULK)
        await env.until(0)
        async with asyncio.TaskGroup() as jobs:
            for from_s, until_s, rate in phases:
                at = from_s + rng.expovariate(rate)
                while at < until_s:
                    await asyncio.sleep(max(0.0, at - env.signals.now()))
                    jobs.create_task(one(env.named("label", next(numbers))))
                    at += rng.expovariate(rate)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    return application(lifespan=lifespan, background=[send] if phases else [])

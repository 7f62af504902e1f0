"""As many processes as os.cpu_count() says, which tells the machine's cores and not the container's."""

LIKE = "right_lease"
LOSES = {"memory": "too_many_workers"}
CHANGED = {
    "import json": """\
import json
import os""",
    """\
RENDERERS = 2  # the cores: more compute no faster
JOBS = 8  # of these 2 compute; 20 a second x 0.2 s = 4 wait for the partner, and some slack""": "JOBS_A_PROCESS = 1",
    "        self.processes = ProcessPoolExecutor(RENDERERS)": """\
        renderers = os.cpu_count()
        self.processes = ProcessPoolExecutor(renderers)""",
    "self.free = asyncio.Semaphore(JOBS)": "self.free = asyncio.Semaphore(JOBS_A_PROCESS * renderers)",
}

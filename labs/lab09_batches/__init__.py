"""lab09: a nightly pipeline that never finishes, and a model that is asked for one record at a time."""

from __future__ import annotations

from labs.kit import Lab, Policies, Service
from labs.lab09_batches import data, readings
from labs.lab09_batches.checks import CHECKS
from labs.lab09_batches.diagnosis import DIAGNOSIS, HINTS
from labs.lab09_batches.readings import KEPT
from labs.lab09_batches.scenarios import LIMIT_MB, SCENARIOS, request, vary, wrong

LAB = Lab(
    name="lab09_batches",
    title="The night that never ends",
    failure="pipeline and model service fall over: the whole file in memory, one call an item",
    signal="memory held, throughput",
    minutes=45,
    services=(
        Service("registry", "labs.lab09_batches.service:registry", sees=("model", "events")),
        Service(
            "scoring", "labs.lab09_batches.service:scoring", runs_fix=True, calls=("registry",), handler_cancellation=True,
            stops=True, sees=("resets", "pairs_until"),
        ),
        Service(
            "night", "labs.lab09_batches.service:night", runs_fix=True, calls=("registry",), memory_limit_mb=LIMIT_MB,
            keeps_files=True, kept=KEPT, sees=("resets", "pairs_until", "stalls", "events"),
        ),
    ),
    entry="scoring", request=request, scenarios=SCENARIOS, vary=vary, wrong=wrong, reference="right_transaction",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS, prepares=data.ensure, compared_in="rush",
    foretold={"batch": "events"},
    measures={
        "events scored by the morning": (readings.scored_share, "% of the events"),
        "memory at the peak": (readings.held_mb, "MB"),
    },
    chart={"link": "load->scoring"},
    policies=Policies(
        rows={
            "broken": "broken",
            "batches, the whole file fetched": "wrong_whole_file",
            "a thread reads ahead, without a bound": "wrong_unbounded_prefetch",
            "the refused batch, one by one": "wrong_one_by_one",
            "the refused batch set aside": "wrong_batch_aside",
            "every exception is the record's fault": "wrong_every_exception",
            "commit, then the checkpoint": "wrong_two_commits",
            "the checkpoint, then commit": "wrong_checkpoint_first",
            "a thread for each score": "wrong_thread_each",
            "online, a window of 5 ms": "wrong_short_window",
            "online, a window of 200 ms": "wrong_window",
            "online, a full batch only": "wrong_full_batch",
        },
        told="What each check measured; x: short of its goal. memory in MB; finishes, once and set_aside in events or rows;"
        " rush and health as shares of the requests.",
        each_s=1.5,
    ),
)  # fmt: skip

"""The actions of lab20: `lab.signals(run)`."""

from __future__ import annotations

from lab20_stampede.readings import LINK, longest_gap, most_at_once
from labs.kit import Learner, Note, Run, action, named, names, results, stats


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    told = f"Signals of the run with {named(runs[0].info.fix)}:" if len(runs) == 1 else "Signals of the runs:"
    return results.side_by_side(told, runs, _signals)


def _signals(run: Run) -> dict[str, str]:
    calls = run.requests(LINK)
    depth = max((s.value for s in run.samples(names.QUEUE_DEPTH, "pricing")), default=0)
    return {
        "pages shown": f"{stats.success_rate(run):.1%}",
        "pages that cost no call": f"{1 - len(calls) / len(run.requests()):.1%}",
        "calls to pricing": f"{len(calls):,}",
        "of these, given up after 1 s": f"{sum(stats.outcome(call) == 'timeout' for call in calls):,}",
        "calls in flight at once, at most": f"{most_at_once(run)}",
        "requests inside pricing, at most": f"{depth:.0f}",
        "longest time without news": f"{longest_gap(run):.1f} s",
    }

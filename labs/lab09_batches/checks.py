"""What is graded: one function a point. Each reads runs and nothing else.

Of a night the judge reads the kept file after its end, and the memory of its process; of the scorer it sees the answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab09_batches import data, readings
from labs.lab09_batches.model import ITEM_S, RESETTING
from labs.lab09_batches.readings import BUCKET, NIGHT, SCORING
from labs.lab09_batches.scenarios import BURST_CALLERS, CROWD_FROM_S, RESET_FOR_S, ROOM_MB

GROWS_MB = 6.0
"""So much more may be held at the peak of the large night than of the small one."""
STANDS_STILL = 0.5
"""A night whose model computes for less of it is not too slow: it waits, or does the same again and again."""
SOON_S, SOON_GOAL = 0.2, 0.97
LONE_S = 0.08
HEALTH_S, HEALTH_GOAL = 0.010, 0.95
WELL_AFTER_S = 0.3
LAST_S = 0.5
"""What comes so late in `reset` may wait for company: `lone` asks for that."""
RETURNS_WITHIN_S = 1.0
"""A night whose last row came so shortly before the morning need not have returned in it."""


@check(
    "Memory stays flat while the file grows fourfold",
    needs=("small", "night", "kills"), at_most=ROOM_MB, unit="MB at the peak of the large night", points=3,
    hint="fetchall() returns every event of the night. What is the most that run_night holds at one moment, in events?"
    " An exception that is kept holds the frames that raised it, and their lists.",
)  # fmt: skip
def memory(runs: Mapping[str, Run]) -> Finding:
    """The peak is small, the same for both files, and no larger where the night is begun again."""
    small, large = readings.peak_mb(runs["small"]), readings.peak_mb(runs["night"])
    told = f"At its peak the pipeline held {large:.0f} MB for the large file, {small:.0f} MB for the small one"
    if large - small > GROWS_MB and not ROOM_MB < large < 2 * small:
        told = f"{told}. It grew by {large - small:.0f} MB with the file, and may grow by {GROWS_MB:g}"
        why = "What holds events that are not being scored now?"
        return Finding(False, max(large, ROOM_MB + 1), "grows_with_file", f"{told}. {why}")
    if large > ROOM_MB:
        return Finding(False, large, "chunks_too_large", f"{told}; the room is {ROOM_MB:g} MB. How many events are a chunk?")
    if (again := readings.peak_mb(runs["kills"])) > ROOM_MB:
        told = f"{told}, but {again:.0f} MB in the night of the kills; the room is {ROOM_MB:g} MB"
        return Finding(False, again, "grows_after_kill", f"{told}. What is held when run_night is called again?")
    return Finding(True, max(large, again), "flat", f"{told}.")


@check(
    "Every event is dealt with by the morning",
    needs=("small", "night"), at_most=0, unit="events without a row", points=3,
    hint="How long does a night take at this size of a batch? And what does one refused record cost?",
)  # fmt: skip
def finishes(runs: Mapping[str, Run]) -> Finding:
    """The night is through by its end, the refused events included."""
    nights = {name: readings.night(run) for name, run in runs.items()}
    name, worst = max(nights.items(), key=lambda pair: pair[1].lost)
    missing = worst.lost + len(data.refused(runs[name].events("model")[0].detail).keys() - worst.aside.keys())
    if worst.unread:
        return Finding(False, missing, "unread", f"scores.sqlite could not be read: {worst.unread}")
    told = f"In the morning of {name!r}, {worst.lost:,} of {worst.events:,} events had no score"
    if not worst.lost:
        return Finding(True, 0, "finished", f"{told}.")
    if worst.rows_twice:
        why = f"and {worst.rows_twice:,} rows were there twice: the same part of the night is done again and again."
        return Finding(False, missing, "starts_again", f"{told}, {why}")
    if worst.aside_rows > len(data.POISON):
        return Finding(False, missing, "whole_batch_aside", f"{told}: with a refused record its whole batch was set aside.")
    if min(worst.short) in {data.event_id(place) // BUCKET for place in data.GAPS}:
        why = f"none behind a gap of {data.GAP:,} ids. Does an empty page mean that no event is left?"
        return Finding(False, missing, "ends_at_gap", f"{told}: {why}")
    if worst.short <= {event // BUCKET for event in data.alike(runs[name].events("model")[0].detail)}:
        why = "one of two whose records are equal. What is a score looked up by?"
        return Finding(False, missing, "takes_equals_for_one", f"{told}: {why}")
    if worst.lost_behind == worst.lost:
        why = "all of them lie before events that have one: they were passed over."
        return Finding(False, missing, "skipped", f"{told}; {why}")
    computed = readings.computed_s(runs[name], NIGHT) / runs[name].info.seconds
    if computed < STANDS_STILL:
        why = f"and the model was at work for {computed:.0%} of the night: it stands still before something."
        return Finding(False, missing, "stands_still", f"{told}, {why}")
    why = f"though the model was at work for {computed:.0%} of the night. What does each call of it cost?"
    return Finding(False, missing, "too_slow", f"{told}, {why}")


@check(
    "Every row exactly once, over five kills",
    needs="kills", at_most=0, unit="rows lost or doubled", points=4,
    hint="The process ends between any two lines, also just after a commit. Which two things must become durable together?",
)  # fmt: skip
def once(run: Run) -> Finding:
    """No kill loses a row, and none doubles one."""
    night = readings.night(run)
    bad = night.lost + night.rows_twice + night.aside_twice
    if night.unread:
        return Finding(False, bad, "unread", f"scores.sqlite could not be read: {night.unread}")
    told = f"After five kills, {night.lost:,} of {night.events:,} events had no score, {night.rows_twice:,} rows were double"
    if not bad:
        return Finding(True, 0, "once", f"{told}.")
    if night.rows_twice:
        why = "what was committed before the kill was done again after it."
        return Finding(False, bad, "doubled", f"{told}: {why}")
    if night.lost_behind:
        why = f"{night.lost_behind:,} of them lie before events that have one. The next run began behind them."
        return Finding(False, bad, "lost", f"{told}: {why}")
    if night.lost:
        return Finding(False, bad, "unfinished", f"{told}: the night did not come to its end.")
    why = f"{night.aside_twice} refused events were set aside again after a kill. Does the place count them as done?"
    return Finding(False, bad, "aside_doubled", f"{told}; {why}")


@check(
    "A refused event is set aside with its own reason, and no other is",
    needs=("night", "kills"), at_most=0, unit="events set aside wrongly, or not at all", points=2,
    hint="set_aside has a row for each event that the model refuses, with the text that it raises for this event alone.",
)  # fmt: skip
def set_aside(runs: Mapping[str, Run]) -> Finding:
    """Each refused event is in set_aside with the reason that the model gives for it alone; no event else is."""
    innocent = misread = 0
    gone: dict[str, int] = {}
    for name, run in runs.items():
        night, refused = readings.night(run), data.refused(run.events("model")[0].detail)
        aside = night.aside
        innocent += night.aside_rows - len(refused.keys() & aside.keys())
        gone[name] = sum(not aside or event // BUCKET not in night.short for event in refused.keys() - aside.keys())
        misread += sum(reason not in aside[event] for event, reason in refused.items() if event in aside)
    missing = sum(gone.values())
    bad = innocent + missing + misread
    if innocent:
        told = f"{innocent} events were set aside that the model does not refuse. Is every exception the record's fault?"
        return Finding(False, bad, "innocent", told)
    if missing and not gone["night"]:
        told = f"After the kills, {missing} refused events were missing in set_aside, and their neighbours had scores."
        return Finding(False, bad, "aside_apart", f"{told} Are the two committed together?")
    if missing:
        return Finding(False, bad, "not_set_aside", f"{missing} events that the model refuses are not in set_aside.")
    if misread and any(RESETTING in reason for name in runs for reason in readings.night(runs[name]).aside.values()):
        told = f"{misread} events were set aside because the model was being reset when they were asked alone."
        return Finding(False, bad, "reset_for_reason", f"{told} Whose fault is that exception?")
    if misread:
        told = f"{misread} events were set aside with another reason than the model gives for them alone."
        return Finding(False, bad, "wrong_reason", told)
    return Finding(True, 0, "set_aside", "Each refused event was set aside with its own reason, and no other.")


@check(
    "In a rush callers are answered",
    needs="rush", at_least=SOON_GOAL, unit=f"share of scores answered within {SOON_S:g} s", points=3,
    hint="A call of the model takes 20 ms for one record and 21 ms for six. Who waits could share a call.",
)  # fmt: skip
def rush(run: Run) -> Finding:
    """225 scores a second are asked for, and answered soon."""
    share = readings.soon(run, SOON_S)
    told = f"{share:.0%} of the scores were answered within {SOON_S:g} s"
    if share >= SOON_GOAL:
        return Finding(True, share, "answered", f"{told}.")
    asked = readings.scores_asked(run)
    cut = sum(r.error_type == "reset" or r.status >= 500 for r in asked)
    if cut > len(asked) / 100:
        why = f"{cut} calls broke off, though the model was well. Whose cancellation was it?"
        return Finding(False, share, "broken_off", f"{told}; {why}")
    computed = readings.computed_s(run, SCORING)
    if computed < run.info.load_s / 2 and readings.last_score(run) < run.info.load_s / 2:
        told = f"{told}, the last one at second {readings.last_score(run):.1f}. What has ended or stopped the worker?"
        return Finding(False, share, "stopped", told)
    if computed < run.info.load_s / 2:
        why = f"the model was at work for only {computed:.1f} s: callers wait for each other, not for it."
        return Finding(False, share, "gathers_too_long", f"{told}; {why}")
    return Finding(False, share, "too_slow", f"{told}, though the model was at work all the time. How many share a call?")


@check(
    "The service answers while the model computes",
    needs="rush", at_least=HEALTH_GOAL, unit=f"share of /health within {HEALTH_S * 1000:g} ms", points=1,
    hint="NumPy lets the interpreter lock go, but predict() blocks the thread it runs in. Which one is that?",
)  # fmt: skip
def health(run: Run) -> Finding:
    """Health is answered at once, also in a rush."""
    share = readings.health_late(run, HEALTH_S)
    told = f"{share:.0%} of the requests for /health were answered within {HEALTH_S * 1000:g} ms"
    if share >= HEALTH_GOAL:
        return Finding(True, share, "free", f"{told}.")
    return Finding(False, share, "loop_blocked", f"{told}: the event loop stands still while the model computes.")


@check(
    "A lone caller does not wait for company",
    needs=("small", "night", "reset"), at_most=LONE_S, unit="s until the answer, the longest", keeps=0.5,
    hint="Nobody else comes at night. What sends a batch off that is not full?",
)  # fmt: skip
def lone(runs: Mapping[str, Run]) -> Finding:
    """A request that comes alone is answered after little more than one call of the model, also just after a rush."""
    asked = [(runs[name], r) for name in ("small", "night") for r in stats.user_requests(runs[name])]
    longest = max(readings.waited(run, r) for run, r in asked)
    never = sum(not r.ok for _, r in asked)
    after = max(readings.waited(runs["reset"], r) for _, r in readings.calm(runs["reset"])[:2])
    told = f"At night, one caller at a time, the longest wait for a score was {longest * 1000:.0f} ms"
    if never:
        return Finding(False, longest, "never_sent", f"{told}, and {never} of {len(asked)} got no score at all.")
    if longest > LONE_S:
        return Finding(False, longest, "waits_for_company", f"{told}; the model takes 20 ms of it.")
    if after > LONE_S:
        told = f"{told}; in 'reset', just after a rush, it was {after * 1000:.0f} ms. What does a rush leave behind?"
        return Finding(False, after, "waits_after_rush", told)
    return Finding(True, max(longest, after), "at_once", f"{told}.")


@check(
    "A refused record fails alone, and a reset of the model passes",
    needs=("rush", "reset"), at_most=0, unit="callers without the answer that belongs to them", keeps=0.5,
    hint="An exception of predict() belongs to somebody: to the one record, or to each caller of the batch.",
)  # fmt: skip
def errors(runs: Mapping[str, Run]) -> Finding:
    """422 for the refused record alone; during a reset an answer for everybody, after it scores as before."""
    run = runs["reset"]
    if told := _dies_of_the_gone(run):
        return Finding(False, len(run.requests()), "dies_of_the_gone", told)
    crowd = readings.scores_asked(run, CROWD_FROM_S, run.info.load_s - LAST_S)
    failed = [r for r in crowd if not r.ok and r.status != 422]
    lasted = max((r.intended for r in failed), default=0.0) - min((r.intended for r in failed), default=0.0)
    if lasted > RESET_FOR_S + WELL_AFTER_S:
        told = f"The model was being reset for {RESET_FOR_S:g} s, and for {lasted:.1f} s callers got no score."
        return Finding(False, len(failed), "not_again", told)
    rushed = readings.scores_asked(runs["rush"])
    others = [r for r in rushed if r.status >= 500]
    if others:
        told = f"{len(others)} callers of the rush were answered {others[0].status}, though the model was well."
        return Finding(False, len(others), "others_error", told)
    for how, slug in (("reset", "shares_an_answer"), ("timeout", "keeps_one_of_two")):
        left, twins = readings.unanswered(runs["rush"], how)
        if left and left == twins:
            did = {"reset": "were cut off when the other one left. Whose future was cancelled?"}
            told = did.get(how, "waited for ever. What are those who wait kept by?")
            told = f"{left} callers of the rush, of whom each had sent the same record as another, {told}"
            return Finding(False, left, slug, told)
    for name in ("rush", "reset"):
        asked = readings.told_apart(runs[name])
        if innocent := sum(r.status == 422 for what, r in asked if "refused" not in what):
            told = f"In {name!r}, {innocent} records were answered 422 that the model does not refuse."
            return Finding(False, innocent, "mates_refused", told)
    if left := sum(r.status == 0 for r in crowd):
        return Finding(False, left, "hangs", f"In 'reset', {left} callers got no answer at all, not even an error.")
    rushed_first = readings.told_apart(run)[:BURST_CALLERS]
    if left := sum(r.status == 0 for _, r in rushed_first):
        told = (
            f"In the rush of 'reset', {left} callers of {len(rushed_first)} got no answer: the model was reset at the call"
        )
        told = f"{told} after one that it had refused. Who hears of an error while the refused record is being looked for?"
        return Finding(False, left, "hangs_in_search", told)
    if passed := sum(r.status != 422 for what, r in readings.told_apart(run) if what == "refused"):
        told = f"In 'reset', {passed} records that the model refuses were not answered 422."
        return Finding(False, passed, "not_refused", told)
    return Finding(True, 0, "alone", "Each refused record failed alone, and after the reset all was well.")


def _dies_of_the_gone(run: Run) -> str:
    """Where, of those who come alone, nobody gets a score after one has left: what to say of it, else ""."""
    calm = readings.calm(run)
    scored = [index for index, (_, r) in enumerate(calm) if r.ok]
    last = max(scored, default=-1)
    after = [what for what, _ in calm[last + 1 :]]
    if last < 0 or "score" not in after or "leaves" not in after[0]:
        return ""
    what = " whose record the model refuses" * ("refused" in after[0])
    when = calm[last + 1][1].intended
    return f"After second {when:.1f} no caller got a score: a caller{what} had left during the call. What did it end?"


@check(
    "A night that is through comes to its end",
    needs=("small", "night"), at_most=0, unit="nights that are through and go on", keeps=0.5, hears=("logs", "samples"),
    hint="When no event is left, run_night returns. It must neither raise nor wait for more.",
)  # fmt: skip
def returns(runs: Mapping[str, Run]) -> Finding:
    """Where every event has its row in time, run_night has returned. What the pipeline says counts against it only."""
    through = {
        name: run for name, run in runs.items()
        if not readings.night(run).lost and readings.complete_at(run) < run.info.seconds - RETURNS_WITHIN_S
    }  # fmt: skip
    on = [name for name, run in through.items() if all(log.event != readings.DONE for log in run.logs(NIGHT))]
    if not on:
        return Finding(True, 0, "returned", "Where every event had its row, run_night had returned.")
    raised = sum(log.event == readings.RAISED for log in runs[on[0]].logs(NIGHT))
    told = f"In {on[0]!r} every event had its row, and run_night had not returned; it raised {raised} times."
    return Finding(False, len(on), "goes_on", told)


@check(
    "Scores are true, and were computed",
    needs=("night", "small", "kills", "rush", "reset"), at_most=0, unit="scores that are none", keeps=0.0,
    hint="Each score belongs to its own record. Does a list still have the same places after something was left out of it?",
)  # fmt: skip
def true(runs: Mapping[str, Run]) -> Finding:
    """There are scores; each, kept or answered, is what the model says of that record, and the model was asked."""
    kept = readings.night(runs["small"])
    if kept.events == kept.lost and not any(r.ok for r in readings.scores_asked(runs["rush"])):
        return Finding(False, 0, "no_scores", "No event of the small file has a score, and no caller got one.")
    answered = answered_truly(runs)
    if not answered.passed:
        return answered
    for name in ("night", "small", "kills"):
        night = readings.night(runs[name])
        if night.wrong or night.invented:
            told = f"In {name!r}, {night.wrong} groups of 73 events have other scores than theirs, and {night.invented} rows"
            return Finding(False, night.wrong + night.invented, "wrong_scores", f"{told} belong to events without a score.")
        if made_up := stats.uncomputed(runs[name], NIGHT, night.events - night.lost, ITEM_S):
            return Finding(False, made_up, "not_computed", f"In {name!r}, {made_up:,} scores were never computed.")
    for name in ("rush", "reset"):
        told_ok = sum(r.ok and readings.is_score(r) for r in runs[name].requests())
        if made_up := stats.uncomputed(runs[name], SCORING, told_ok, ITEM_S):
            return Finding(False, made_up, "not_computed", f"In {name!r}, {made_up:,} scores were never computed.")
    return Finding(True, 0, "true", "Every score was the record's own.")


CHECKS = (memory, finishes, once, set_aside, rush, health, lone, errors, returns, true)

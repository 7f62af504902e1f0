# %% [markdown]
# # lab09. The night that never ends
#
# > **Pager, 05:40.** Scores of last night: incomplete. The pipeline has been "running" since 22:00.
# > **05:46.** Its log: started, started, started. Somebody doubled the memory limit in March, and again in June.
# > **05:51.** Online scoring times out in the morning rush. The model's dashboard is green.
#
# A nightly pipeline and an online service score records with one model. Both are asked for more than last year, and both fail,
# each in two ways. You will measure what a call of the model costs, find what holds the memory, and write a night that can be
# killed at any line.
#
# Plan for about 45 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab09_batches")

# %% [markdown]
# ## The system
#
# ```
# events (SQLite) --> night   --> scores (SQLite)
# callers         --> scoring
# ```
#
# - The **model** scores a batch of records. A call costs **20 ms**, however many records it has, and **0.2 ms** for each of them.
#   It computes in NumPy, without the interpreter lock, on one core; each service has two. It refuses a batch with one bad record
#   in it: `ValueError`.
# - **Night** scores the events of the day, 480 numbers each. Last year a file had 8,000 events; now it has 32,000, and the
#   night lasts 22 s. Its container has 110 MB of memory, of which Python and NumPy take most: the night's own may be 24 MB.
# - **Scoring** answers callers, one record in each request. At night there is one caller every two seconds; in the morning
#   rush, 225 scores a second are asked for.
#
# Real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock, network and cores are
# virtual, so a night takes a few seconds, and the numbers are the same on every machine. Rates are scaled down; the arithmetic is that
# of thousands of scores a second.
#
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next three cells before you run them. Nobody scores them.
#
# 1. The night works in batches of 512, with a checkpoint after each eighth, and is started again whenever it fails. The model
#    refuses event 1,701, and some later ones. What share of the 32,000 events has a score in the morning, in percent?
# 2. How many MB does it hold at its peak? A record has 480 numbers of 4 bytes.
# 3. How many records must a call have at least, for one core to score 32,000 events in 22 s? Count the model alone.

# %% breakfix={"role": "predict", "id": "predict-scored", "blank": "lab.predict(\"events scored by the morning\", None)"}
lab.predict("events scored by the morning", 60)

# %% breakfix={"role": "predict", "id": "predict-memory", "blank": "lab.predict(\"memory at the peak\", None)"}
lab.predict("memory at the peak", 60)

# %% breakfix={"role": "predict", "id": "predict-batch", "blank": "lab.predict(\"batch\", None, \"events\")"}
lab.predict("batch", 100, "events")

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.night(broken)
lab.signals(broken)

# %% [markdown]
# Rows are kept all night long, and the night does not move. It comes to a batch that the model refuses, raises, and is started
# again half a second later. No checkpoint has been reached by then: it begins with the first event, and keeps the same rows once
# more. A chart of rows written would have looked healthy until the morning.
#
# The upper panel is the other failure. The simulated world measures memory and kills nobody for it. A container does. The next
# run is live: the first ten seconds of the same night in real processes, under a limit of 110 MB. About 15 seconds. The live
# panel shows the whole process, Python and NumPy included, the simulated one what the night holds of its own. "Memory at the
# peak" is the night's own in both.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", scenario="evening", world="live")
lab.night(lab.run("broken", scenario="evening"), live)

# %% [markdown]
# The process is killed (exit code 137), waits twice as long each time, starts, fetches the whole file, and is killed: before it
# has scored a single event. Where the limit is watched from outside, it is seen above it for a moment. It never gets as far as
# the record that stops it in the simulated world. More memory would buy it a year, and the second failure.
#
# ## Down to the line: memory
#
# The next cell runs `run_night` on the small file in a process of its own, under `tracemalloc`. At its peak, which lines of
# `fix.py` made what is held?

# %% breakfix={"role": "live", "id": "memory-lines"}
lab.memory_lines("broken")

# %% [markdown]
# ## Down to the line: calls
#
# Now the online service, in the rush: first simulated, then the same load live, about ten seconds, and both in one chart.

# %% breakfix={"id": "rush"}
broken_rush = lab.run("broken", scenario="rush")
lab.callers(broken_rush)
lab.profile(broken_rush)

# %% breakfix={"role": "live", "id": "live-rush"}
lab.worlds(broken_rush, lab.run("broken", scenario="rush", world="live"))

# %% [markdown]
# One record in each call, and 20 ms of the 20.2 are the call. On the loop's thread that is 49 scores a second, where 225 are
# asked for; and while the model computes, nothing else is answered, `/health` included.
#
# ## The size of a batch
#
# A batch of $n$ records takes $F + n\,I$, with $F$ = 20 ms and $I$ = 0.2 ms, so a core scores
#
# $$\frac{n}{F + n\,I} \;\le\; \frac{1}{I} = 5{,}000 \text{ records a second}$$
#
# Half of that is reached at $n = F / I = 100$. Beyond some hundred records a larger batch is hardly faster; it only holds more
# memory, and is longer on its way. On the right, the other price: what a caller waits in the rush, by the most records that share
# a call. Thirteen runs, about twenty seconds.

# %% breakfix={"id": "curve"}
lab.curve()

# %% [markdown]
# With too few records in a call the queue grows, and every wait with it; that is not the batch's doing, but the lack of it. From 8
# on, the wait is no longer that of a queue: while one call computes, the records for the next one gather by themselves. No
# caller has to wait for company. (Refused records are left out here, on both sides: a night with them needs a larger batch still.)
#
# ## Diagnose
#
# Replace each `None` in the next cell. It checks the *form* at once; `lab.check("diagnosis")` judges the answer, after the
# first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "line": 23,
    "unbatched": 49.5,
    "smallest_batch": 67,
    "begins_again_for": "one record, refused each time",
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Its two halves run in two processes: `run_night` in the pipeline, in a thread; `Batcher` in the
# online service, on the event loop. Keep their names and methods; everything else may change.
#
# What you can use:
#
# - `model.predict(payloads)` returns a score for each record, in order, a whole number; that of zeros is 0. It blocks its
#   thread. `ValueError`: it refuses the batch, and does not say for which record; of a batch of one, the text is that
#   record's reason. It refuses a record that is text, that has not 480 values, or that has a value which is not finite.
#   `ConnectionError`: the model is being reset, for one call only or for up to half a second; no record is at fault. That
#   can happen at any call, also while a refused record is being looked for.
# - `events` and `scores` are `sqlite3` connections, for any thread, one at a time. Each call of `run_night` is given new
#   ones: after it has raised, as after a kill, what was not committed is gone. `events` has an index on `id`; ids grow, with
#   gaps: where a day was deleted, 100,000 ids are missing. Two events can have the same record. The tables of `scores` are
#   yours to change, except that the judge reads `scores (event_id, score)` and `set_aside (event_id, reason)` in the
#   morning.
#
# What must become true of a night:
#
# - **Memory**: at most 24 MB at the peak, and at most 6 MB more for the large file than for the small one. The 24 MB
#   hold for the night of the kills too, also where it is begun again.
# - **Time**: each event has its row when the morning comes, 7 s after the start for the small file, 22 s for the large one.
#   A commit after that is too late.
# - **Exactly once**: the process is killed four times, at moments that the autograder moves, with the disk stalling just before: a
#   commit then waits until the kill, and has become durable or has not. Afterwards `run_night` is called again. A fifth
#   kill comes when the night is through: a call that finds nothing to do changes nothing. In the end each event has one row, and
#   its own score. The night of the kills lasts 32 s.
# - **Refused events**: each is in `set_aside` with what the model says of it alone, once; its neighbours are scored; and nothing
#   else is in `set_aside`. If the model is being reset, wait, or let `run_night` raise: it is called again half a second later.
#
# And of the `Batcher`:
#
# - **In a rush**, 97 % of the scores are answered within 0.2 s, and 95 % of the requests for `/health` within 10 ms.
# - **A lone caller** has the answer within 80 ms, also the first one after a rush.
# - **A refused record** fails alone (422). Its caller gets the `ValueError`, the others their scores.
# - **A caller who leaves** is cancelled at `await batcher.score(...)`. Nobody else notices, whether the record was a good one, a
#   refused one, or the same as another caller's.
# - After **a reset of the model** all goes on; meanwhile each caller gets an answer, which may be the `ConnectionError` (503).
# - `stop()` ends what `start()` began.
#
# `run_night` returns when no event is left.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.night(broken, after)
lab.signals(broken, after)

# %% [markdown]
# The same night with the kills, and the rush:

# %% breakfix={"id": "after-kills"}
kills = lab.run(scenario="kills")
lab.night(lab.run("broken", scenario="kills"), kills)

# %% breakfix={"id": "after-rush"}
after_rush = lab.run(scenario="rush")
lab.callers(broken_rush, after_rush)
lab.signals(broken_rush, after_rush)
lab.profile(after_rush)

# %% [markdown]
# In the chart of the kills, a red line comes after a flat stretch: the disk stalls, and a commit waits until the process is killed.
# Before the fourth, what waits is the next commit of a refused event. The fifth comes after the end. "Rows kept" must end at "in
# the file", but for the refused events, and never above it. In the rush, each red cross at 15 ms is a caller who left, in both
# runs; most humps are a refused record, whose batch takes some calls more.
#
# ## Prove it
#
# Six graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else. The
# first of these cells runs five scenarios on three seeds each, less than half a minute; the others only read the result. The
# autograder kills at other moments, and uses another version of the model.

# %% breakfix={"role": "check", "check": "memory"}
lab.check("memory")

# %% breakfix={"role": "check", "check": "finishes"}
lab.check("finishes")

# %% breakfix={"role": "check", "check": "once"}
lab.check("once")

# %% breakfix={"role": "check", "check": "set_aside"}
lab.check("set_aside")

# %% breakfix={"role": "check", "check": "rush"}
lab.check("rush")

# %% breakfix={"role": "check", "check": "health"}
lab.check("health")

# %% breakfix={"role": "check", "check": "lone"}
lab.check("lone")

# %% breakfix={"role": "check", "check": "errors"}
lab.check("errors")

# %% breakfix={"role": "check", "check": "returns"}
lab.check("returns")

# %% breakfix={"role": "check", "check": "true"}
lab.check("true")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such a night, and yours. Less than half a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Batches of 512, and the whole file fetched first**: the pace is right, the memory is not. **A reader that runs ahead
#   without a bound** is the same in another thread: a queue needs a bound, or it is the file.
# - **The refused batch, one by one**, costs 512 calls of 20 ms, ten seconds for one bad record. Halving costs some 18.
# - **The refused batch set aside** loses 511 good events, and says that they were bad. **Every exception is the record's fault**
#   does the same whenever the model is being reset.
# - **Commit, then the checkpoint** doubles what was committed just before a kill; **the checkpoint, then commit** loses it. No
#   order of two writes helps. Either they are one write, or the first may be repeated: an upsert by event id.
# - **A thread for each score** frees the loop, and pays 20 ms for each record still: two cores make 99 a second.
# - **A window of 5 ms** is shorter than a call. It sends batches of one or two to a model that is busy, where they queue and can
#   grow no more. **A window of 200 ms** makes each caller wait for it, at night for nobody. **A full batch only** never answers
#   the last ones.
#
# These and more are in `labs/lab09_batches/fixes`, for you to run by name.
#
# ## Prevent
#
# Set an alert. Choose the signal, and for how many seconds it may stand still before somebody is paged: `"rows"`, the number of
# rows kept, or `"place"`, the last event that has a row. The rule must be quiet in a healthy night, also if it is killed five
# times, and fire for the two nights that never end. Four runs, a few seconds. First the signal that most dashboards have:

# %% breakfix={"id": "alert-rows"}
lab.alert(signal="rows", for_s=3)

# %% [markdown]
# It says nothing of a night that writes the same rows again and again, and pages for a night that is only slow to come back. Find
# a better rule. How long does the longest flat stretch last in the chart of the kills?

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, for_s=3)"}
lab.alert(signal="place", for_s=4)

# %% [markdown]
# Watch progress, not work. In review, ask three questions of every pipeline: what does it hold at one moment, and does that
# grow with the input? What becomes durable together? And when one record is bad, who else pays for it?
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which chart, which number, and what to do
# before the pipeline is started once more. Five headings, a few lines each. This cell is graded by hand; if you study alone,
# compare with the one in `solutions/lab09_batches/lab09_batches.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - D. Crankshaw et al.: *Clipper: A Low-Latency Online Prediction Serving System*, NSDI 2017 (adaptive batching, section 4.3).
# - P. Helland: *Idempotence Is Not a Medical Condition*, ACM Queue 10, 2012.
# - M. Kleppmann: *Designing Data-Intensive Applications*, 2017, chapters 10 and 11 (batch and stream processing, exactly once).
# - SQLite documentation: *Atomic Commit In SQLite*, and `UPSERT`; Python documentation: `tracemalloc`.

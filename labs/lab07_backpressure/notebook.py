# %% [markdown]
# # lab07. Busy all day, for nobody
#
# > **Pager, 09:02.** Shops get no shipping labels: nearly every request times out.
# > **09:03.** The renderer that makes the labels is healthy, and works at full speed. Half as many requests again as usual.
# > **09:05.** No errors in any log. CPU is low. Nothing was deployed.
#
# You will reproduce this outage, find out for whom the renderer works, repair the code, and prove the repair. The repair is
# to say no. By the end you will know to how many, to whom, and when.
#
# Plan for about 40 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab07_backpressure")

# %% [markdown]
# ## The system
#
# ```
# 12 shops ---> api ---> renderer
# ```
#
# - Each **shop** asks the API for labels and waits **1 s**. An answer that comes later is worth nothing: the parcel has gone
#   to another counter.
# - The **API** puts each request into a queue. Two consumers take jobs out of it and to the renderer.
# - The **renderer** has two workers, which need 40 ms for a label, network included. So its capacity is 50 labels a second.
#   More workers can be rented: one starts to work 3 s after it was ordered, and is paid for 10 s at least.
# - In a **normal hour**, shops ask for 40 labels a second. In the **overload**, they ask for 80 in the first 3 s, and for 60
#   from then on. All three are averages: arrivals are random, so single seconds differ.
#
# Real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock and network are virtual,
# so the run takes a few seconds, and the numbers are the same on every machine. What is scaled down is the capacity.
#
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Write down three numbers before you run anything. Nobody scores them. The renderer makes 50 labels a second and 60 are
# asked for.
#
# 1. From second 4 on, how many answers a second reach a shop that still waits?
# 2. Of the labels that the renderer makes then, which share did somebody wait for, in percent?
# 3. Bound the queue at 100 places and refuse what does not fit in: how many answers a second come in time now?

# %% breakfix={"role": "predict", "id": "predict-goodput", "blank": "lab.predict(\"answered in time\", None)"}
lab.predict("answered in time", 40)

# %% breakfix={"role": "predict", "id": "predict-waited", "blank": "lab.predict(\"labels somebody waited for\", None)"}
lab.predict("labels somebody waited for", 80)

# %% breakfix={"role": "predict", "id": "predict-bound", "blank": "lab.predict(\"goodput at bound 100\", None, \"a second\")"}
lab.predict("goodput at bound 100", 45, "a second")

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.flow(broken)

# %% [markdown]
# The grey area is what shops ask for, the dotted line what the API accepts, the broad one what the renderer makes, the thin
# one what reaches a shop that still waits. Below, each mark is one job at the moment its work began, and its height is how
# long it had stood in the queue by then. A cross is work for nobody.
#
# ## The same, live
#
# A simulation is believed once it has been compared. The next run starts the same services as ordinary processes on real
# sockets and sends the same requests in real time. It takes about 20 seconds. The upper panel counts requests by when they
# were asked, and not by when they were answered, as the chart above does.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# `lab.dashboard("broken")` shows a live run while it goes on, and lets you change the load (see `docs/dashboard.md`).
#
# ## The signals
#
# The same simulated run in numbers; labels and answers count when they come. Which of these rows would have paged you first,
# and which one says what is wrong?

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# All of it is true at once: the renderer is busy, it makes as many labels as it can, nothing is refused, nothing fails in a
# log. And nobody is served. The number of requests inside the API grows without end although callers leave after one
# second: aiohttp does not end a handler when its caller hangs up, and the job stays in the queue.
#
# Why do the workers not work all of their time? Of the 40 ms of a label, 1 ms is the way from the API and back.
#
# ## Down to the job, and to the line
#
# One request of this run. Each bar is a call on one link; `timeout` means that the shop gave up.

# %% breakfix={"id": "trail"}
lab.trail(broken)

# %% [markdown]
# The label was made, correctly and in 40 ms, after the shop had left. Between the two bars the job stood in
# `asyncio.Queue()`. Two lines say yes to every job: the one that makes the queue, and the one that puts into it. Which are
# they, as `lab.code()` counts?
#
# ## The arithmetic
#
# The renderer makes `capacity` labels a second, so the last of `n` jobs in the queue waits `n / capacity` seconds. It is of
# use only while that is shorter than the patience of its caller:
#
# $$n < \text{patience} \times \text{capacity} = 1\,\text{s} \times 50/\text{s} = 50$$
#
# This is Little's law, $L = \lambda W$, read backwards: in a steady state, the mean number of those who wait is the arrival
# rate times the mean time that they wait. It must hold on the wire for the callers, also in the overload: the queue grows,
# but nobody waits longer than 1 s, so the number of callers who wait is steady. First a normal hour, then the overload:

# %% breakfix={"id": "little"}
calm = lab.run("broken", scenario="calm")
lab.little(calm, broken)

# %% [markdown]
# Product and count of callers agree in both. In the overload, a caller waits for the whole patience, and then leaves. The
# API holds more than callers by then: the last column also counts the requests left behind by callers who went. The signals
# above show how it grows.
#
# So a bound of 50 is where a queue turns from useful to harmful. The next cell runs the overload once for each of seven
# bounds, with nothing but `put_nowait()` and a refusal. Your prediction for 100 is drawn in. About 15 seconds.

# %% breakfix={"id": "bounds"}
lab.bounds()

# %% [markdown]
# Left of the dotted line goodput is near the capacity; right of it almost nothing comes in time. It is a cliff, and no
# slope. A queue that is far too short costs a little, for the renderer sometimes runs dry. A queue that is too long by a
# fifth costs all. And look at the lower panel: from 10 places to the cliff, a longer queue buys no goodput, only waiting. A
# bound is not a reserve for bad times. It is a promise about waiting: half of patience x capacity leaves room for a slow
# moment.
#
# ## Diagnose
#
# Answer in the form given. Whether the *form* is right you learn at once; whether the answer is right, with the first
# verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "capacity": 50,
    "longest_useful_queue": 50,
    "cause": "a queue without a bound",
    "line": 18,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class `Intake` and its methods `offer` and `run`; everything inside may change, and
# you may add what you like.
#
# What you can use:
#
# - `offer(job)` is called for each request. `job.client` names who asks, such as `"shop-3"`; `job.age()` is how many seconds
#   ago the API got it.
# - `job.finish(label)` answers 200. `job.refuse(retry_after=1)` answers 503 with `Retry-After: 1`, and
#   `job.refuse(retry_after=1, status=429)` says that it is this client who asks for too much. A job that gets neither leaves
#   its caller in the dark.
# - `run()` is begun once, when the service starts, and must go on as long as it does.
# - `await renderer.render(job)` has a label made. `await renderer.rent(3)` pays for three workers from now on, instead of
#   two. More consumers alone make nothing faster: two labels are made at a time, and the others wait at the renderer.
# - `asyncio.Queue(20).put_nowait(job)` raises `asyncio.QueueFull` when 20 jobs are in it. Catch it: an exception that leaves
#   `offer` is answered with an error 500 at once. To a caller that is neither a yes nor a no, and the checks count it so.
#
# Three things are asked of it. In the overload and in two spikes, callers who can be served in time are, and the others hear
# no at once. When a spike is over, it is over. And there is a thirteenth client, who asks for 60 labels a second alone while
# the twelve shops need 24 together: they must not notice. If it is refused and not told when to come back, or hears an
# error, it is back after 50 ms.
#
# Run the cell to save it. A mistake in syntax, or a missing class or method, is shown at once; what goes wrong only when it
# runs is named under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back,
# `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.flow(broken, after)
lab.signals(after)

# %% [markdown]
# Same load, same renderer, same two workers. What differs is who hears what, and when. The spikes, and the noisy client:

# %% breakfix={"id": "spike"}
lab.flow(lab.run("broken", scenario="spike"), lab.run(scenario="spike"))

# %% [markdown]
# The next upper panels show who gets what: how much the shops ask for (the area) and get in time (the blue line), and what
# the noisy client asks for (dotted) and gets. Where the blue line is below the edge of the area, shops starve. The lower
# panels show the shops' jobs alone.

# %% breakfix={"id": "noisy"}
lab.flow(lab.run("broken", scenario="noisy"), lab.run(scenario="noisy"))

# %% [markdown]
# And your repair live, about 20 seconds:

# %% breakfix={"role": "live", "id": "live-after"}
lab.worlds(after, lab.run(world="live"))

# %% [markdown]
# ## Prove it
#
# Six graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs three scenarios on three seeds each, less than a minute; the others only read the result. The
# autograder plays rates of its own.

# %% breakfix={"role": "check", "check": "goodput"}
lab.check("goodput")

# %% breakfix={"role": "check", "check": "told"}
lab.check("told")

# %% breakfix={"role": "check", "check": "waiting"}
lab.check("waiting")

# %% breakfix={"role": "check", "check": "recovers"}
lab.check("recovers")

# %% breakfix={"role": "check", "check": "fair"}
lab.check("fair")

# %% breakfix={"role": "check", "check": "sent_away"}
lab.check("sent_away")

# %% breakfix={"role": "check", "check": "normal"}
lab.check("normal")

# %% breakfix={"role": "check", "check": "rendered"}
lab.check("rendered")

# %% breakfix={"role": "check", "check": "cost"}
lab.check("cost")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. Less than half a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **`await put()`** bounds the object and not the queue. Those who wait to get in stand in handlers, each with a socket and
#   memory. To a caller nothing has changed. Backpressure by waiting works only if the *sender* waits: these do not, they are
#   as many shops as there are.
# - **More consumers** move the queue to the renderer, where nobody bounds it. Consumers beyond its workers make nothing.
# - **The newest first** serves most callers in time, without any bound. It pays with the others, who hear nothing at all,
#   and a noisy client, whose jobs are always the newest, takes the places of the quiet.
# - **A rate limit below the capacity** protects the renderer from work that it could have done, in normal hours, too.
# - **An autoscaler** adds capacity when the spike is over, and until then the queue is as long as ever. Of what it adds, the
#   first part goes into the backlog of those who have left. It needs the bound all the same. With one, it serves more than
#   50 a second and is among the right repairs: `fixes/right_autoscaler.py`.
# - **An autoscaler that flaps** pays for workers that are gone before they start. A ceiling says how much an overload may
#   cost, whoever causes it, and a cool-down longer than the start-up lets it see what its last decision did.
# - **A bound for all together** does everything right but one: with one line, who asks most gets most.
#
# ## Prevent
#
# An alert. Choose the signal and the number above which somebody is paged: `"busy"` (the share of their time that the
# renderer's workers work), `"depth"` (requests inside the API) or `"wait"` (how long a job stood in the queue when its work
# began). The rule must be quiet in three healthy systems, one of them with six workers, and fire for the overload and for a
# renderer of which one worker hangs; at best before the first caller is lost. Five runs, about ten seconds, once.
#
# First the two that most dashboards have:

# %% breakfix={"id": "alert-busy"}
lab.alert(signal="busy", above=0.9, for_s=0.5)

# %% breakfix={"id": "alert-depth"}
lab.alert(signal="depth", above=30, for_s=0.5)

# %% [markdown]
# A busy renderer is what one pays for. And how deep a queue may be depends on how fast it is worked off: what is little
# for six workers is far too much for one. Better?

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=0.5)"}
lab.alert(signal="wait", above=0.5, for_s=0.5)

# %% [markdown]
# Queue wait is in the unit of the patience. It needs no retuning when workers come or go.
#
# In review, ask of every queue: how long may a job stand in it, who decides that, and what does the one hear who does not
# get in? `asyncio.Queue()`, `queue.Queue()`, `ThreadPoolExecutor`, a list behind a lock and the backlog of a socket are all
# queues; the first three have no bound unless you give one, and the executor takes none.
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which chart, which number, which switch. Five
# headings, a few lines each. This cell is graded by hand; if you study alone, compare with the one in
# `solutions/lab07_backpressure/lab07_backpressure.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - J. D. C. Little: *A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961.
# - K. Nichols, V. Jacobson: *Controlling Queue Delay*, ACM Queue, 2012 (CoDel).
# - B. Maurer: *Fail at Scale*, ACM Queue, 2015 (controlled delay and adaptive LIFO in a service).
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 21 "Handling Overload" and 22 "Addressing Cascading Failures".
# - RFC 6585 (status 429) and RFC 9110, section 10.2.3 (Retry-After).

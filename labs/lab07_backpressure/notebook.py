# %% [markdown]
# # lab07. Busy all day, for nobody
#
# > **Pager, 09:02.** Shops get no shipping labels: nearly every request times out.
# > **09:03.** The renderer that makes the labels is healthy, and works at full speed. Requests are up by half.
# > **09:05.** No errors in any log. CPU is low. Nothing was deployed.
#
# You will reproduce this outage, find out for whom the renderer works, repair the code, and prove the repair. The repair is
# to refuse requests. By the end you will know how many, whose, and when.
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
# - Each **shop** asks the API for labels and waits **1 s**. A later answer is worth nothing: the parcel has gone to another
#   counter.
# - The **API** puts each request into a queue. Two consumers take jobs out of it and send them to the renderer.
# - The **renderer** has two workers, which need 40 ms for a label, network included. So its capacity is 50 labels a second.
#   More workers can be rented, up to 8: a rented one starts to work 3 s after it was ordered, and is paid for at least 10 s.
# - In a **normal hour**, shops ask for 40 labels a second. In the **overload**, they ask for 80 in the first 3 s, and for 60
#   from then on. All three are averages: arrivals are random, and a run of some seconds may lie well above or below them, as
#   the charts of this page do.
#
# Real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock and network are virtual,
# so the run takes a few seconds, and the numbers are the same on every machine. The capacity is scaled down.

# %% [markdown]
# ## Act first
#
# You are on call. The first question is not why, it is what stops the bleeding. The next cell lists what you can do to the
# running system while it fails. Do something in each of the cells after it, and look at what it does to the users, beside
# doing nothing. Each act is a run of its own, of some seconds. Which one helps, which only seems to, which makes it worse?
# Nobody scores it, and all that you tried stays in the table.

# %% breakfix={"id": "act-list"}
lab.act()

# %% breakfix={"role": "answer", "id": "act-1", "blank": "lab.act(None)  # what you would try first"}
lab.act("set renderer workers 8")

# %% breakfix={"role": "answer", "id": "act-2", "blank": "lab.act(None)  # something else"}
lab.act("restart api")

# %% breakfix={"role": "answer", "id": "act-3", "blank": "lab.act(None)  # two things at once, or one and then another"}
lab.act("shed 30%", "restart api")

# %% [markdown]
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next three cells before you run them. Nobody scores them. The renderer makes 50
# labels a second and 60 are asked for.
#
# 1. From second 4 on, how many answers a second reach a shop that still waits?
# 2. What share of the labels that the renderer then makes does somebody still wait for, in percent?
# 3. If the queue has a bound of 100 places and refuses all other jobs, how many answers a second come in time?

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
# In the upper panel, the grey area is the labels that shops ask for, the dotted line those that the API accepts, the broad
# line those that the renderer makes, and the thin line those that reach a shop that still waits. In the lower panel, each
# mark is one job at the moment its work began. Its height is how long it had waited since the API got the request, also for
# a place in the queue. A cross is work for nobody.
#
# ## The same, live
#
# You can believe a simulation once it has been compared with a live run. The next run starts the same services as ordinary
# processes on real sockets and sends the same requests in real time. It takes about 20 seconds. Its upper panel counts
# requests by the time at which they were sent; the chart above counts them by the time of their answer.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# `lab.dashboard("broken")` shows a live run while it goes on, and lets you change the load (see `docs/dashboard.md`).
#
# ## The signals
#
# The same simulated run in numbers; labels and answers count at the time at which they come. Which of these rows would have
# paged you first, and which one says what is wrong?

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# The renderer is busy and makes as many labels as it can, nothing is refused, no log has an error, and yet nobody is served.
# The number of requests inside the API grows without end although callers leave after one second: aiohttp does not end a
# handler when its caller leaves, and the job stays in the queue.
#
# The workers do not work all of their time: of the 40 ms of a label, 1 ms is the way from the API and back.
#
# ## Down to the job, and to the line
#
# The next cell shows one request of this run. Each bar is a call on one link; `timeout` means that the shop gave up.

# %% breakfix={"id": "trail"}
lab.trail(broken)

# %% [markdown]
# The label was made, correctly and in 40 ms, after the shop had left. Between the two bars the job stood in
# `asyncio.Queue()`. Two lines accept every job: one makes the queue, the other puts the job into it. Which line numbers do
# they have in `lab.code()`?
#
# ## The arithmetic
#
# The renderer makes `capacity` labels a second, so the last of `n` jobs in the queue waits `n / capacity` seconds. The job
# is useful only if that is shorter than the patience of its caller:
#
# $$n < \text{patience} \times \text{capacity} = 1\,\text{s} \times 50/\text{s} = 50$$
#
# This is Little's law, $L = \lambda W$, read backwards: in a steady state, the mean number of callers who wait is the
# arrival rate times the mean time that they wait. On the wire, it must hold in the overload, too: the queue grows, but no
# caller waits longer than 1 s, so the number of waiting callers is steady. First a normal hour, then the overload:

# %% breakfix={"id": "little"}
calm = lab.run("broken", scenario="calm")
lab.little(calm, broken)

# %% [markdown]
# Product and count of callers agree in both. In the overload, a caller waits for the whole patience, and then leaves. The
# last column, requests inside the API, is larger: it also counts the requests of callers who have left. The signals above
# show how it grows.
#
# So a queue of more than 50 places is harmful. The next cell runs the overload once for each of seven bounds, with only
# `put_nowait()` and a refusal. It also draws your prediction for 100. About 15 seconds.

# %% breakfix={"id": "bounds"}
lab.bounds()

# %% [markdown]
# Left of the dotted line, goodput is near the capacity; right of it, almost nothing comes in time. It is a cliff, not a
# slope. A queue that is far too short costs a little, because the renderer is sometimes idle. A queue that is too long by a
# tenth costs all. The lower panel shows that from 10 places to the cliff, a longer queue adds no goodput, only waiting. A
# bound is not a reserve for bad times. It limits the wait: half of patience x capacity, about 25 here, leaves room for a
# slow moment.
#
# ## Diagnose
#
# Replace each `None` in the next cell. It checks the *form* at once; `lab.check("diagnosis")` judges the answer, after the
# first verdict on a repair of yours.

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
# - `offer(job)` is called for each request. `job.client` names the caller, such as `"shop-3"`; `job.age()` is the seconds
#   since the API got the request.
# - `job.finish(label)` answers 200. `job.refuse(retry_after=1)` answers 503 with `Retry-After: 1`, and
#   `job.refuse(retry_after=1, status=429)` says that this client asks for too much. Without either, the caller hears
#   nothing.
# - `run()` begins once, when the service starts, and must not end before the service does.
# - `await renderer.render(job)` has a label made. It raises `aiohttp.ClientError` if the renderer fails: the caller should hear
#   no then, and the renderer must not be asked again at once, at most 200 times a second while it fails. If an exception
#   leaves `run()`, it is begun again after 0.1 s. `await renderer.rent(3)` pays for three workers from now on, instead of
#   two, and returns how many you then pay for. Pay for five at most, on average over the spikes. More consumers alone make
#   nothing faster: two labels are made at a time, and the others wait at the renderer.
# - `asyncio.Queue(20).put_nowait(job)` raises `asyncio.QueueFull` when 20 jobs are in it. Catch it: an exception that leaves
#   `offer` is answered with an error 500 at once, and the checks count that as neither an answer nor a refusal.
#
# Your repair must do three things. In the overload and in two spikes, to twice and to three times the capacity, it serves in
# time as many callers as the renderer can, and refuses the others at once. When a spike is over, or the renderer's trouble,
# it serves all clients as before, also one that asked for too much meanwhile. And a thirteenth client, who asks for 60 labels
# a second, must not harm the twelve shops, who need 24 together. If this client gets an error, or a refusal without
# `Retry-After`, it is back after 50 ms.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.flow(broken, after)
lab.signals(after)

# %% [markdown]
# Load and renderer are the same. If your repair works, callers get other answers, and sooner. If the two columns look alike,
# see how many were refused: a bound that makes callers wait refuses nobody.
#
# The spikes, and the noisy client:

# %% breakfix={"id": "spike"}
lab.flow(lab.run("broken", scenario="spike"), lab.run(scenario="spike"))

# %% [markdown]
# The next upper panels show how many labels the shops ask for (the area) and get in time (the blue line), and how many the
# noisy client asks for (dotted) and gets. Where the blue line is below the edge of the area, shops starve. These panels
# count by the time of the request, so a line may pass the capacity for a moment. The lower panels show the shops' jobs
# alone.

# %% breakfix={"id": "noisy"}
lab.flow(lab.run("broken", scenario="noisy"), lab.run(scenario="noisy"))

# %% [markdown]
# And your repair live, about 20 seconds:

# %% breakfix={"role": "live", "id": "live-after"}
lab.worlds(after, lab.run(world="live"))

# %% [markdown]
# ## Prove it
#
# Six graded checks, and six gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs six scenarios on three seeds each, about a minute; the others only read the result. In
# `many_shops` ten times as many shops ask for the same load; in `errors` the renderer hangs for 1.4 s, answers 503 for a
# second, and refuses connections for another. The autograder uses rates of its own.

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

# %% breakfix={"role": "check", "check": "after_errors"}
lab.check("after_errors")

# %% breakfix={"role": "check", "check": "storm"}
lab.check("storm")

# %% breakfix={"role": "check", "check": "rendered"}
lab.check("rendered")

# %% breakfix={"role": "check", "check": "cost"}
lab.check("cost")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

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
# - **`await put()`** bounds the object and not the queue. Jobs that wait for a place stand in handlers, each with a socket
#   and memory. For a caller nothing has changed. Backpressure by waiting works only if the *sender* then sends less: the
#   shops do not.
# - **More consumers** move the queue to the renderer, where it has no bound. Consumers beyond its workers make nothing
#   faster.
# - **The newest first** serves most callers in time, without any bound. The others hear nothing at all, and a noisy client,
#   whose jobs are always the newest, takes the places of the quiet ones.
# - **A rate limit below the capacity** refuses work that the renderer could have done, in normal hours, too.
# - **An autoscaler** adds capacity when the spike is over; until then the queue is as long as without it. The new workers
#   first do the backlog of callers who have left. So an autoscaler needs the bound, too. With one, it serves more than 50 a
#   second and is among the right repairs: `fixes/right_autoscaler.py`.
# - **An autoscaler that flaps** pays for workers that it releases before they start. A ceiling limits what an overload may
#   cost, whoever causes it, and a cool-down longer than the start-up lets the autoscaler see the effect of its last
#   decision.
# - **A bound for all together** does everything right but one thing: with one queue, the client who asks most gets most.
#
# ## Prevent
#
# Set an alert. Choose the signal and the number above which somebody is paged: `"busy"` (the share of their time that the
# renderer's workers work), `"depth"` (requests inside the API) or `"wait"` (how long a job had waited in the queue when its
# work began). The rule must be quiet in three healthy systems, one of them with six workers. It must fire for the overload
# and for a renderer with one worker that hangs, at best before the first caller is lost. Five runs, about ten seconds, once.
#
# First try the two signals that most dashboards have:

# %% breakfix={"id": "alert-busy"}
lab.alert(signal="busy", above=0.9, for_s=0.5)

# %% breakfix={"id": "alert-depth"}
lab.alert(signal="depth", above=30, for_s=0.5)

# %% [markdown]
# A renderer should be busy. And the depth that a queue may have depends on how fast it is worked off: a depth that is small
# for six workers is far too much for one. Find a better rule:

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=0.5)"}
lab.alert(signal="wait", above=0.5, for_s=0.5)

# %% [markdown]
# Queue wait has the same unit as the patience. Such a rule needs no retuning when workers come or go.
#
# In review, ask of every queue: how long may a job wait in it, who decides that, and what does a caller hear who does not
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
# ## The same failure in public: AWS us-east-1, 2025
#
# A program that was delayed wrote an old plan of addresses over a newer one, and a clean-up then deleted it: the name of a
# database had no address any more ([digest](https://failure-modes.dev/library/fm-020)). The database failed from 23:48 to 2:40,
# launches of instances worked again only from 10:37 on ([post-mortem](https://aws.amazon.com/message/101925)): leases of
# machines had run out, and to make them anew took longer than the limit of each job; what was late was begun again
# ([quoted here](https://lemmy.net.au/post/274171/890777)).
#
# **Predict first:** a person writes the name at second 16. Until when do launches fail?

# %% breakfix={"id": "outage-aws-2025"}
lab.outage("aws_2025")

# %% [markdown]
# The second half is this page: a queue without a bound, in which every job is done too late. With a queue in which no job waits
# that cannot be done in time, the last column, the leases are back soon after the name. The first half is another lesson: a
# check is worth nothing once time has passed between it and the writing. When people came is our choice in both columns.

# %% [markdown]
# ## Further reading
#
# - J. D. C. Little: *A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961.
# - K. Nichols, V. Jacobson: *Controlling Queue Delay*, ACM Queue, 2012 (CoDel).
# - B. Maurer: *Fail at Scale*, ACM Queue, 2015 (controlled delay and adaptive LIFO in a service).
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 21 "Handling Overload" and 22 "Addressing Cascading Failures".
# - RFC 6585 (status 429) and RFC 9110, section 10.2.3 (Retry-After).

# %% [markdown]
# # lab06. The outage that outlives its cause
#
# > **Pager, 03:12.** Checkout failing, 100 % of orders. Started 03:04.
# > **03:13.** The bank reports a stall of three seconds at 03:04. It has been healthy since.
# > **03:14.** Every process is up. CPU is low. Nothing was deployed. Orders still fail.
#
# You will reproduce this outage, find what keeps it alive, repair the code, and prove the repair. Most people's first
# repair is exponential back-off with jitter. By the end you will know why that one does not work here.
#
# Plan for about 40 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab06_retries")

# %% [markdown]
# ## The system
#
# ```
# customers --30 orders a second--> shop --> payments --> bank
# ```
#
# - The **shop** charges each order by calling payments. It waits 0.4 s for an answer and tries four times.
# - **Payments** keeps a queue and takes one charge at a time to the bank.
# - The **bank** needs 20 ms for a charge, network included. So the capacity is 50 charges a second, and the shop uses 60 %
#   of it.
# - At second 5 the bank **stalls for 3 seconds**. It then works as before, and loses nothing.
#
# Three real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock and network are
# virtual, so half a minute passes in seconds, and the numbers are the same on every machine. What is scaled down is the
# capacity; the arithmetic is that of thousands of charges a second.
#
# This is the code under repair, the shop's client and the queue at payments:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Write down two numbers before you run anything. Nobody scores them.
#
# 1. Over the 30 seconds of load, how many attempts does the shop make for each order, on average?
# 2. Of the orders that the shop reports as failed, what share does the bank charge all the same, in percent?

# %% breakfix={"role": "predict", "id": "predict-attempts", "blank": "lab.predict(\"attempts an order\", None)"}
lab.predict("attempts an order", 1.5)

# %% breakfix={"role": "predict", "id": "predict-charged", "blank": "lab.predict(\"failed orders charged\", None)"}
lab.predict("failed orders charged", 0)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.chart(broken)

# %% [markdown]
# The shaded band is the stall. Look at what happens after it.
#
# ## The same, live
#
# A simulation is believed once it has been compared. The next run starts the same three services as ordinary processes on
# real sockets, sends the same orders in real time, and stalls the bank's link with a TCP proxy. It takes about 42 seconds.
# Watch the bar, then lay both runs over each other.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# From here on the page uses the simulated world: it is faster, and its numbers are the same on your machine as on ours. Add
# `world="live"` to any `lab.run` to see the real thing.
#
# And `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on: stall the bank yourself, change
# the load, and later put your repair in the place of the broken code in the middle of the outage (`docs/dashboard.md`).
#
# ## The signals
#
# The same run in numbers. Two rows deserve a second look: what the bank finishes in a second, and how much of that somebody
# still waits for.

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# The bank works at full speed, and for nobody: when it is done with a charge, its caller has given up. About half of the
# orders that failed were charged all the same. The others stand in the queue when the record ends: not yet charged.
#
# One order, from two seconds after the stall. Each bar is one call on one link; `timeout` means that the caller gave up.

# %% breakfix={"id": "waterfall"}
lab.waterfall(broken)

# %% [markdown]
# The customer was told after 1.6 s that the order failed. When did the bank get to it, and what does the ledger say?
#
# ## Profile down to the line
#
# A CPU profiler would show an idle shop. What this system spends is attempts, so count those: each time the HTTP client
# starts a request, the shop notes the lines of `fix.py` that led there. (The table under the run counts all 30 seconds of
# load, the chart the last 8, and this profile goes on until the last retry.)

# %% breakfix={"id": "profile"}
lab.profile(broken)

# %% [markdown]
# ## Diagnose
#
# Answer in the form given. Whether the *form* is right you learn at once; whether the answer is right, with the first
# verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "capacity": 50,
    "attempts_a_second": 120,
    "sustained_by": "retries of the shop",
    "line": 25,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Both halves are yours: `PaymentsClient` runs in the shop, `WorkQueue` at payments. Keep their
# names and methods; everything inside may change, and you may add what you like.
#
# What you can use:
#
# - `charge(order)` returns the answer of payments, or raises if the customer could not be charged. `self` lives as long as
#   the shop, so it can remember things from one order to the next.
# - A job in the queue has `job.order`, `job.headers` (those that your client sent), `job.arrived` (in seconds of
#   `asyncio.get_running_loop().time()`), and `job.refuse(reason)`, which answers its caller 503 without doing the work.
# - `offer` may return `False`: the caller gets 503 at once. `take` may return `None`: there is nothing to do.
# - The bank honours the header `Idempotency-Key`: two charges with the same key move the money once. The second one still
#   costs the bank its 20 ms.
# - `time.monotonic()` and `random` are fine: they follow the virtual clock and the seed of the run.
#
# Run the cell to save it. A mistake in syntax, or a missing class or method, is shown at once; what goes wrong only when it
# runs is named under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back,
# `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.compare(before=broken, after=after)
lab.signals(after)

# %% [markdown]
# Orders are drawn at the second in which they arrived, not in which they were answered. Request times include orders that
# fail: a dip in the stall means refused at once. If the second row of the table is not zero, some customers were told that
# their order failed, and were charged. No client can rule that out: an attempt that timed out may have worked. The people
# who talk to customers will ask you for the list of those orders.
#
# ## Prove it
#
# Four graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs four scenarios on three seeds each, about a minute; the others only read the result. One of
# the four is a stall of 8 s, which `lab.run(scenario="long_outage")` shows. The autograder plays a long stall, too, with
# lengths of its own.

# %% breakfix={"role": "check", "check": "recovers"}
lab.check("recovers")

# %% breakfix={"role": "check", "check": "recovers_long"}
lab.check("recovers_long")

# %% breakfix={"role": "check", "check": "amplification"}
lab.check("amplification")

# %% breakfix={"role": "check", "check": "charged_once"}
lab.check("charged_once")

# %% breakfix={"role": "check", "check": "calm"}
lab.check("calm")

# %% breakfix={"role": "check", "check": "confirmed_is_charged"}
lab.check("confirmed_is_charged")

# %% breakfix={"role": "check", "check": "hiccups"}
lab.check("hiccups")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# Policies that are proposed in nearly every review of such an incident, and yours. About a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Back-off with jitter moves attempts; it removes none.** It keeps clients from retrying in step, which is worth having.
#   But an order that fails still costs four attempts, so the load stays above the capacity.
# - **One retry** is two attempts an order: 60 a second on a service that can do 50. Still above.
# - **A shorter timeout** makes it worse: a queue of three jobs is enough for all work to be in vain, and comes about by
#   chance. This one collapses without any stall.
# - **A longer timeout** survives the short stall, because no caller gives up in it, and fails on the long one. It moved the
#   edge; it did not remove it.
# - **No retries** recovers. But look at the last column: every single failed answer reaches a customer.
# - **A bound on the queue** recovers if the bound is short, and does not if it is long. It refuses what would be in vain.
# - **A retry budget** recovers once the backlog is worked off, as no retries does, and still hides most single errors.
#
# ## The law
#
# Once every attempt fails, the shop sends `arrival rate x attempts`. The failure can sustain itself only if
#
# $$\text{arrival rate} \times \text{attempts} > \text{capacity}$$
#
# and it can do so *only when the queue waits longer than the timeout*, for then work is in vain: done for a caller who has
# left, whose retry already stands in the queue. A system in which a passing trigger leaves behind a state that keeps itself
# going is called **metastable** (see the reading below). With fewer attempts than the capacity, the backlog drains:
#
# $$\text{time to recover} \approx \frac{\text{backlog}}{\text{capacity} - \text{attempts a second}}$$
#
# With four attempts and 50 charges a second, the line lies at 12.5 orders a second: a *quarter* of the capacity. The map
# shows one run of the broken code in each cell. A couple of minutes at most.

# %% breakfix={"id": "map-broken"}
lab.phase_map("broken")

# %% [markdown]
# Left of the line the system always comes back. Right of it, it depends on the stall: after a short one, few enough jobs are
# in vain that the queue drains faster than their retries fill it.
#
# The law says what *can* be sustained, not what is. A queue bounded at 15 recovers at 30 orders a second although
# 30 x 4 = 120 is far above 50: a job that gets into such a queue is done within 16 x 20 ms = 0.32 s, before its caller gives
# up. The bound attacks the second half of the law. The edge lies near timeout x capacity = 20 jobs: stay well below it.
#
# And your repair, about as long:

# %% breakfix={"id": "map-yours"}
lab.phase_map()

# %% [markdown]
# ## A fleet
#
# A shop in production is not one process. Here the same code runs in 200 instances, each with its own client and its own
# memory; the bank is twice as fast, the orders are twice as many. Left, the retry budget of the table above; right, your
# repair. **Predict first:** a budget of ten retries in each instance, how many retries is that for all of them?

# %% breakfix={"id": "fleet"}
lab.fleet()

# %% [markdown]
# A limit in each of 200 instances is 200 limits: a full budget of ten is 2,000 retries, and a breaker that opens after five
# failures opens after a thousand. What protects payments whatever its callers do must stand at payments. Not graded.
#
# ## Prevent
#
# An alert that would have said *retry storm* at 03:05. Choose the number of attempts an order above which somebody is paged.
# The rule must be quiet in a calm run and when single answers fail, and fire in the outage: three runs, about ten seconds.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(above=None, for_s=5)"}
lab.alert(above=2, for_s=5)

# %% [markdown]
# In review, ask three questions of every retry: what limits it for the whole fleet, who gives up first, and what happens if
# the first attempt *did* work? No library answers them: `tenacity`'s bare `@retry` never stops and never waits, and neither
# `tenacity` nor `stamina` has a budget.
#
# ## Runbook entry
#
# In the first five minutes, somebody who has seen such an outage repairs nothing. They shed load at the edge until the rest,
# retries included, is below the capacity; turn retries off, by a switch that was built before; and empty the queue, for
# nobody waits for what stands in it. Then they let the load back in by steps.
#
# Write the entry for the colleague who is paged next time and has not read this page: which chart, which number, which
# switch. Five headings, a few lines each. This cell is graded by hand; if you study alone, compare with the one in
# `solutions/lab06_retries/lab06_retries.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - N. Bronson, A. Aghayev, A. Charapko, T. Zhu: *Metastable Failures in Distributed Systems*, HotOS 2021.
# - L. Huang et al.: *Metastable Failures in the Wild*, OSDI 2022.
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 21 "Handling Overload" (client-side throttling, retry budgets)
#   and 22 "Addressing Cascading Failures".
# - M. Brooker: *Timeouts, retries, and backoff with jitter*, Amazon Builders' Library.

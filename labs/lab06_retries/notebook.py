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
# Three real aiohttp services run this code, each in a process of its own, in a *simulated world*: their clock and their
# network are virtual, so half a minute passes in seconds, and the numbers are the same on your machine as on ours. What is
# scaled down is the capacity; a real one is thousands of charges a second, and the arithmetic is the same.
#
# This is the code under repair, the shop's client and the queue at payments:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Write down two numbers before you run anything. Nobody scores them; a prediction makes you see what you did not expect.
#
# 1. Over the 30 seconds of load, how many attempts does the shop make for each order, on average?
# 2. The stall ends at second 8. What share of the orders of the last 8 seconds (22 to 30) is confirmed, in percent?

# %% breakfix={"role": "predict", "id": "predict-attempts", "blank": "lab.predict(\"attempts an order\", None)"}
lab.predict("attempts an order", 1.5)

# %% breakfix={"role": "predict", "id": "predict-confirmed", "blank": "lab.predict(\"confirmed at the end\", None)"}
lab.predict("confirmed at the end", 100)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.chart(broken)

# %% [markdown]
# The shaded band is the stall. Look at what happens after it.
#
# ## The signals
#
# The same run in numbers, before, during and well after the stall. Two rows deserve a second look: what the bank finishes in
# a second, and how much of that somebody still waits for.

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# The bank works at full speed, and for nobody: when it is done with a charge, its caller has given up. Most orders that
# failed were charged all the same.
#
# One order, from two seconds after the stall. Each bar is one call on one link; `timeout` means that the caller gave up.

# %% breakfix={"id": "waterfall"}
lab.waterfall(broken)

# %% [markdown]
# The customer was told after 1.6 s that the order failed. Look at when the bank got to it, and at the line below the chart:
# what does the ledger say?
#
# ## Profile down to the line
#
# A CPU profiler would show an idle shop. What this system spends is attempts, so count those: each time the HTTP client
# starts a request, the shop notes the lines of `fix.py` that led there. (Three figures for attempts an order are on this page.
# The table under the run counts all 30 seconds of load, the chart the last 8, and this profile goes on until the last retry.)

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
    "offered": 120,
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
# - The bank honours the header `Idempotency-Key`: two charges with the same key move the money once.
#
# Run the cell to save it. A mistake in syntax, or a class or method that the services need and do not find, is shown at once;
# what goes wrong only when it runs is named by line under the next `lab.run()`. Earlier
# versions are kept: `lab.history()` lists them, `lab.restore(2)` brings one back, `lab.reset()` starts over. Stuck?
# `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.compare(before=broken, after=after)
lab.signals(after)

# %% [markdown]
# Orders are drawn at the second in which they arrived, not in which they were answered. If the second row of the table is not
# zero, some customers were told that their order failed, and were charged. No client can rule that out: an attempt that timed
# out may have worked. The list of those orders is the first thing that the people who talk to customers will ask you for.
#
# ## Prove it
#
# Four graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs four scenarios on three seeds each, about a minute; the others only read the result.

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
# Eight policies that are proposed in nearly every review of such an incident: all of them on the short stall, and those that
# survive it on the long one. About a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# Read it from the top.
#
# - **Back-off with jitter spreads attempts; it does not make them fewer.** Its purpose is to keep clients from retrying in
#   step, and it is worth having. But an order that fails still costs four attempts, so the load stays above the capacity.
# - **One retry** is two attempts an order: 60 a second on a service that can do 50. Still above.
# - **A shorter timeout** makes it worse: now a queue of three jobs is enough for all work to be in vain, and a
#   queue of three comes about by chance. This one collapses without any stall.
# - **A longer timeout** survives the short stall, because no caller gives up in it. It fails on the long one, and until then
#   every customer waits for seconds. It moved the edge; it did not remove it.
# - **No retries** recovers. But look at the gate `hiccups`: without retries, every single failed answer reaches a customer.
# - **A bound on the queue** recovers if the bound is short, and does not if it is long. It refuses what would be in vain.
#
# ## The law
#
# Once every attempt fails, the shop sends `arrival rate x attempts`. The failure can sustain itself only if
#
# $$\text{arrival rate} \times \text{attempts} > \text{capacity}$$
#
# and it does so *when the queue waits longer than the timeout*, for then all work is in vain: done for a caller who has
# left, whose retry already stands in the queue. A system in which a passing trigger leaves behind a state that keeps itself
# going is called **metastable** (Bronson et al., HotOS 2021; Huang et al., OSDI 2022).
#
# With four attempts and 50 charges a second, the line lies at 12.5 orders a second: a *quarter* of the capacity. The map
# shows one run of the broken code in each cell. A couple of minutes at most.

# %% breakfix={"id": "map-broken"}
lab.phase_map("broken")

# %% [markdown]
# Left of the line the system always comes back. Right of it, it depends on the stall: a short one leaves a queue that is
# shorter than the timeout, and nothing is in vain.
#
# The law says what *can* be sustained, not what is. A queue bounded at 15 recovers at 30 orders a second although
# 30 x 4 = 120 is far above 50: a job that gets into such a queue is done within 16 x 20 ms = 0.32 s, before its caller gives
# up. The bound attacks the second half of the law. The edge lies near timeout x capacity = 20 jobs; do not build on an edge.
#
# And your repair, about as long:

# %% breakfix={"id": "map-yours"}
lab.phase_map()

# %% [markdown]
# ## A fleet
#
# A shop in production is not one process. Here the same code runs in 200 instances, each with its own client and its own
# memory; the bank is twice as fast, the orders are twice as many. **Predict first:** a budget of ten retries in each
# instance, how many retries is that for all of them?

# %% breakfix={"id": "fleet"}
lab.fleet()

# %% [markdown]
# If your repair lives in the client alone, look closely: a limit in each of 200 processes is 200 limits, and a breaker that
# opens after five failures opens after a thousand. What protects payments whatever its callers do must stand at payments.
# This section is not graded.
#
# ## Prevent
#
# An alert that would have said *retry storm* at 03:05. Choose the number of attempts an order above which somebody is paged.
# The rule must be quiet in a calm run and when single answers fail, and fire in the outage. It is tried on three runs, about
# ten seconds.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(above=None, for_s=5)"}
lab.alert(above=2, for_s=5)

# %% [markdown]
# In review, ask three questions of every retry: what limits it for the whole fleet, who gives up first, and what happens if
# the first attempt *did* work? A library will not answer them for you: `tenacity`'s bare `@retry` never stops and never
# waits, and neither `tenacity` nor `stamina` has a budget.
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page. Five headings, a few lines each. This cell is
# graded by hand.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - N. Bronson, A. Aghayev, A. Charapko, T. Zhu: *Metastable Failures in Distributed Systems*, HotOS 2021.
# - L. Huang et al.: *Metastable Failures in the Wild*, OSDI 2022.
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 21 "Handling Overload" (client-side throttling, retry budgets)
#   and 22 "Addressing Cascading Failures".
# - M. Brooker: *Timeouts, retries, and backoff with jitter*, Amazon Builders' Library.

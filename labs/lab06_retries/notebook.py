# %% [markdown]
# # lab06. The outage that outlives its cause
#
# > **Pager, 03:12.** Checkout failing, 100 % of orders. Started 03:04.
# > **03:13.** The bank reports a stall of three seconds at 03:04. It has been healthy since.
# > **03:14.** Every process is up. CPU is low. Nothing was deployed. Orders still fail.
#
# You will reproduce this outage, find what sustains it, repair the code, and prove the repair. Most people's first repair is
# exponential back-off with jitter. By the end you will know why that does not work here.
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
# virtual, so half a minute passes in seconds, and the numbers are the same on every machine. The capacity is scaled down;
# the arithmetic is that of thousands of charges a second.

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
lab.act("shed 80%", then="shed 0")

# %% breakfix={"role": "answer", "id": "act-2", "blank": "lab.act(None)  # something else"}
lab.act("restart shop")

# %% breakfix={"role": "answer", "id": "act-3", "blank": "lab.act(None)  # two things at once, or one and then another"}
lab.act("restart payments")

# %% [markdown]
# This is the code under repair, the shop's client and the queue at payments:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next two cells before you run them. Nobody scores them.
#
# 1. Over the 30 seconds of load, how many attempts does the shop make for each order, on average?
# 2. What share of the orders that come in the stall, and that the shop reports as failed, does the bank charge
#    nevertheless, in percent?

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
# You can believe a simulation once it has been compared with a live run. The next run starts the same three services as
# ordinary processes on real sockets, sends the same orders in real time, and stalls the bank's link with a TCP proxy. It
# takes about 42 seconds. The chart then shows both runs in one.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# From here on the page uses the simulated world: it is faster, and its numbers are the same on your machine as on ours. Add
# `world="live"` to any `lab.run` to see a live run.
#
# And `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on: stall the bank yourself, change
# the load, and later replace the broken code by your repair in the middle of the outage (`docs/dashboard.md`).
#
# ## The signals
#
# The same run in numbers. Two rows deserve a second look: the charges that the bank finishes in a second, and how many of
# these somebody still waits for.

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# The bank works at full speed, but in vain: when it has finished a charge, the caller has given up. All orders that failed
# in the stall were charged nevertheless. Many of the later ones are still in the queue when the record ends: not yet charged.
#
# The next cell shows one order, from two seconds after the stall. Each bar is one call on one link; `timeout` means that the
# caller gave up.

# %% breakfix={"id": "waterfall"}
lab.waterfall(broken)

# %% [markdown]
# The customer was told after 1.6 s that the order failed. When did the bank work on it, and what does the ledger say?
#
# ## Profile down to the line
#
# A CPU profiler would show an idle shop. This system spends attempts, so count those: each time the HTTP client starts a
# request, the shop records the lines of `fix.py` that led there. (The table under the run counts all 30 seconds of load, the
# chart the last 8, and this profile goes on until the last retry.)

# %% breakfix={"id": "profile"}
lab.profile(broken)

# %% [markdown]
# ## Diagnose
#
# Some of the answers are in a record of your own: the same outage with a seed that you choose, so the orders have other names
# than on this page.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None)\nlab.requests(mine, from_s=8, failed=True)"}
mine = lab.own(2015)
lab.requests(mine, from_s=8, failed=True)

# %% [markdown]
# `lab.waterfall(mine, "order-...")` shows one of them, and what the bank's ledger says of it; look at a few that came at
# different seconds. `failed=False` lists those that were confirmed.

# %% breakfix={"role": "answer", "id": "own-order", "blank": "# lab.waterfall(mine, \"an order\")"}
lab.waterfall(mine, "order-390619821951")

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The cell checks the *form* at once;
# `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "capacity": 50,
    "attempts_a_second": 120,
    "sustained_by": "retries of the shop",
    "line": 25,
    "seed": 2015,
    "half_way": "order-390619821951",
    "at_once": "order-998340712325",
    "alert": {"above": 2, "for_s": 5},
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. It has two halves: `PaymentsClient` runs in the shop, `WorkQueue` at payments. Keep their names
# and methods; everything inside may change, and you may add what you like.
#
# What you can use:
#
# - `charge(order)` returns the answer of payments, or raises if the customer could not be charged. `self` lives as long as
#   the shop, so it can remember things from one order to the next.
# - A job in the queue has `job.order`, `job.headers` (from your client), `job.arrived` (in seconds of
#   `asyncio.get_running_loop().time()`), and `job.refuse(reason)`, which answers the caller 503 without doing the work.
# - `offer` may return `False`: the caller gets 503 at once. `take` may return `None`: there is nothing to do. Payments then
#   asks again when the next charge comes, so return it only if no job is left. A job that the queue throws away must be
#   refused: payments waits for each job's answer, also if its caller has gone.
# - The bank honours the header `Idempotency-Key`: two charges with the same key move the money once. The second one still
#   costs the bank its 20 ms.
# - Now and then an answer 200 holds no JSON, as from a proxy. That order may fail; retries of others must go on.
# - A customer who is unsure orders again: the same order, with the same `id`, may come twice, also at the same moment. It is
#   one order, and is charged once.
# - `time.monotonic()` and `random` are allowed: they follow the virtual clock and the seed of the run.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.compare(before=broken, after=after)
lab.signals(after)

# %% [markdown]
# Orders are drawn at the second in which they arrived, not in which they were answered. Request times include orders that
# fail: where they dip in the stall, orders were refused at once. If the second row of the table is not zero, some customers
# were told that their order failed, and were charged. No client can rule that out: an attempt that timed out may have
# worked. Support will ask you for the list of those orders.
#
# ## Prove it
#
# Four graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs eight scenarios on three seeds each, about a minute; the others only read the result. One of
# them is a stall of 8 s, which `lab.run(scenario="long_outage")` shows. In `late` a quarter of the charges is made at once,
# and answered 0.3 to 1 s later; in `breaks`, connections to payments break off now and then, as under a load balancer that is
# restarted; in `twice`, each order comes twice; in `lull`, few orders come, and the bank stalls for a moment now and then.
# The autograder also runs a long stall, with lengths of its own.

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

# %% breakfix={"role": "check", "check": "answered"}
lab.check("answered")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. About a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Back-off with jitter moves attempts; it removes none.** It keeps clients from retrying in step, which is useful. But an
#   order that fails still costs four attempts, so the load stays above the capacity.
# - **One retry** is two attempts an order: 60 a second on a service that can do 50. Still above.
# - **A shorter timeout** makes it worse: with a queue of only three jobs, all work is in vain, and such a queue arises by
#   chance. The system collapses without any stall.
# - **A longer timeout** survives the short stall, because no caller gives up in it, and fails on the long one. It moves the
#   edge and does not remove it.
# - **No retries** recovers. But look at the last column: every failed answer reaches a customer.
# - **A bound on the queue** recovers if the bound is small, and does not if it is large. It refuses work that would be in
#   vain.
# - **A retry budget** recovers once the backlog is worked off, as without retries, and still hides most single errors.
#
# ## The law
#
# Once every attempt fails, the shop sends `arrival rate x attempts`. The failure can sustain itself only if
#
# $$\text{arrival rate} \times \text{attempts} > \text{capacity}$$
#
# and it can do so *only when the queue waits longer than the timeout*, for then work is in vain: it is done for a caller who
# has left, and whose retry is already in the queue. A failure is called **metastable** if it goes on after its trigger has
# passed, because it sustains itself (see the reading below). With fewer attempts than the capacity, the backlog drains:
#
# $$\text{time to recover} \approx \frac{\text{backlog}}{\text{capacity} - \text{attempts a second}}$$
#
# With four attempts and 50 charges a second, the line is at 12.5 orders a second: a *quarter* of the capacity. Each cell of
# the map is one run of the broken code. A couple of minutes at most.

# %% breakfix={"id": "map-broken"}
lab.phase_map("broken")

# %% [markdown]
# Left of the line the system always recovers. Right of it, recovery depends on the stall: after a short one, so few jobs are
# in vain that the queue drains faster than their retries fill it.
#
# The law says when a failure *can* sustain itself, not that it does. A queue bounded at 15 recovers at 30 orders a second
# although 30 x 4 = 120 is far above 50: a job that gets into such a queue is done within 16 x 20 ms = 0.32 s, before its
# caller gives up. The bound removes the second condition of the law. The edge is near timeout x capacity = 20 jobs: stay
# well below it.
#
# And your repair, about as long:

# %% breakfix={"id": "map-yours"}
lab.phase_map()

# %% [markdown]
# ## A fleet
#
# A shop in production is not one process. Here the same code runs in 200 instances, each with its own client and its own
# memory; the bank is twice as fast, and there are twice as many orders. On the left is the retry budget of the table above,
# on the right your repair. **Predict first:** how many retries do all instances have together, if each has a budget of ten?

# %% breakfix={"id": "fleet"}
lab.fleet()

# %% [markdown]
# A limit in each of 200 instances is 200 limits: a full budget of ten is 2,000 retries, and a breaker that opens after five
# failures opens after a thousand. Only a limit at payments protects it from all callers. This section is not graded.
#
# ## Prevent
#
# Set an alert that would have said *retry storm* at 03:05: in the next cell, choose the number of attempts an order above
# which somebody is paged. The rule must be quiet in a calm run and when single answers fail, and fire in the outage and after
# a stall of half a second, which is enough: four runs, about ten seconds.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(above=None, for_s=5)"}
lab.alert(above=2, for_s=5)

# %% [markdown]
# Put the rule into the diagnosis, as `"alert": {"above": ..., "for_s": ...}`, and run that cell again. Then the diagnosis is
# whole; it is judged on four records with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# In review, ask three questions of every retry: what limits it for the whole fleet, who gives up first, and what happens if
# the first attempt *did* work? No library answers them: `tenacity`'s bare `@retry` never stops and never waits, and neither
# `tenacity` nor `stamina` has a budget.
#
# ## Runbook entry
#
# In the first five minutes, an experienced colleague repairs nothing. They shed load at the edge until the rest, retries
# included, is below the capacity; turn retries off, by a switch that was built before; and empty the queue, because nobody
# waits for its jobs. Then they let the load back in by steps.
#
# Write the entry for the colleague who is paged next time and has not read this page: which chart, which number, which
# switch. Five headings, a few lines each. This cell is graded by hand; if you study alone, compare with the one in
# `solutions/lab06_retries/lab06_retries.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: DynamoDB, 2015
#
# A short break of the network at 2:19 ([post-mortem](https://aws.amazon.com/message/5467D2/)), and an outage until 7:10. Storage
# servers that had seen the break asked a metadata service for their membership, all at once; those that waited too long took
# themselves out of service, and asked again. Up to 55 % of the requests of customers failed. The metadata service was so busy
# that nobody could add capacity to it, until requests were paused at 5:06
# ([digest](https://postmortems.app/postmortem/9abb2c8e-c33c-45ea-8699-4ae61f00830e)).
#
# **Predict first:** the operator of this scenario tries to add capacity from second 8 on. When does his call get through?

# %% breakfix={"id": "outage-dynamodb-2015"}
lab.outage("dynamodb_2015")

# %% [markdown]
# It is the law of this page, and the cure waits in the same queue as the storm. A way for operators that does not share the
# queue of the load would have been open at second 8. The second of the pause is ours; that nothing got
# well before it is the run's. In the last column servers ask less often and wait longer, which is what was changed afterwards.

# %% [markdown]
# ## In public, with money: Twilio, 2013
#
# When a balance was low, a job charged the card first and wrote the balance afterwards. At 2:42 the store of the balances was
# restarted, and it did not take the payments; the recharge was attempted again and again. 1.4 % of the customers were affected
# ([post-mortem](https://www.twilio.com/blog/2013/07/billing-incident-post-mortem-breakdown-analysis-and-root-cause.html)). Here
# a store is read-only for sixteen seconds, and the job looks once a second.

# %% breakfix={"id": "outage-twilio-2013"}
lab.outage("twilio_2013")

# %% [markdown]
# No request failed, so no chart of errors would have shown it: look at the calls to the card. A retry is safe only if its first
# half can be told from its second: here the job asks the store to take a note *before* the card is charged. What differs: our
# customers are few, and how many of them are due is a number that we chose.

# %% [markdown]
# ## Further reading
#
# - N. Bronson, A. Aghayev, A. Charapko, T. Zhu: *Metastable Failures in Distributed Systems*, HotOS 2021.
# - L. Huang et al.: *Metastable Failures in the Wild*, OSDI 2022.
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 21 "Handling Overload" (client-side throttling, retry budgets)
#   and 22 "Addressing Cascading Failures".
# - M. Brooker: *Timeouts, retries, and backoff with jitter*, Amazon Builders' Library.

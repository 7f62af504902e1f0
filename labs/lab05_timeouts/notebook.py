# %% [markdown]
# # lab05. The shop that waits for an answer that never comes
#
# > **Pager, 14:20.** Checkout and search time out for everybody. Payments and search say that they are healthy and idle.
# > **14:22.** Storefront: CPU at 5 %, no errors in the log, memory rising slowly. Nothing was deployed.
# > **14:31.** The recommendations team has restarted a server that had hung since 14:19. It is healthy now. The shop is not.
#
# You will reproduce this outage, see what each call waits for, choose timeouts from measured percentiles, repair the code,
# and prove the repair. Most people's first repair is a timeout of some round number of seconds. By the end you will know
# which numbers are too long, which are too short, and which timeouts never end a call at all.
#
# Plan for about 35 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab05_timeouts")

# %% [markdown]
# ## The system
#
# ```
#                                        +--> payments
# customers --33 requests a second--> storefront --> search
# probe ------4 product pages a second   +--> recommendations
# ```
#
# - The **storefront** has three routes. `/checkout` needs **payments**, `/search` needs **search**. `/product`, which seven
#   customers in eleven ask for, shows a list from **recommendations**; the page is complete without the list.
# - Customers are promised a checkout or a search within 0.5 s and a product page within 1 s. They leave after 2 s.
# - Payments and search stand behind load balancers that close each connection after its answer: each call needs a new one.
# - Each of the three services honours the header `X-Timeout-S`: it stops working on a request so many seconds after the
#   request has come. A charge that was stopped moves no money.
# - The **probe** is a customer of our own, who checks what the product pages show.
#
# From second 2 to second 10, recommendations **accepts requests and never answers them**: requests of these eight seconds
# are not answered later either. Then it is healthy again.
#
# Five real aiohttp services run this code, each in a process of its own. Most runs take place in a *simulated world*, with a
# virtual clock and network, so that the numbers are the same on your machine as on ours; two runs on this page are *live*,
# with real processes, sockets and seconds. The rates are scaled down; the limits are aiohttp's own.

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
lab.act("restart storefront")

# %% breakfix={"role": "answer", "id": "act-2", "blank": "lab.act(None)  # something else"}
lab.act("set storefront recommendations 0")

# %% breakfix={"role": "answer", "id": "act-3", "blank": "lab.act(None)  # two things at once, or one and then another"}
lab.act("restart storefront", then="restart storefront")

# %% [markdown]
# This is the code under repair, all that the storefront does. (This page looks into aiohttp by `tracing`: leave it in.)

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Checkout and search do not call the service that hangs. Put your numbers in place of `None` in the next two cells before
# you run them. Nobody scores them.
#
# 1. While recommendations hangs, what share of checkouts and searches is *not* answered within 0.5 s, in percent?
# 2. 25 product pages are asked for in a second: 21 by customers, 4 by the probe. How many calls to recommendations are under
#    way at once, at most?

# %% breakfix={"role": "predict", "id": "predict-late", "blank": "lab.predict(\"checkouts and searches late\", None)"}
lab.predict("checkouts and searches late", 0)

# %% breakfix={"role": "predict", "id": "predict-calls", "blank": "lab.predict(\"calls at once\", None)"}
lab.predict("calls at once", 200)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.flight(broken)

# %% [markdown]
# Above, each point is a checkout or a search, drawn at the moment at which it was due; a cross is a customer who left
# without an answer. In the middle is the share of product pages that came in time. Below are the calls to recommendations
# that are under way, counted on the wire, and the requests that the storefront is serving, by its own count. In the grey
# band, recommendations hangs.
#
# The product pages fail at once: they ask the service that hangs, and the code has no page without it.
#
# Checkout and search do well for some seconds. Then both fail at once, at the moment at which the orange line reaches 100.
# And look to the right of the band: recommendations is healthy, and the shop is not. The grey line goes on growing, because
# a handler of aiohttp goes on when its customer has left: each of these handlers still waits. So 50 calls (25 pages a second
# times the 2 s after which customers leave) is far too few for your second prediction: when a customer leaves, the call
# stays.
#
# ## The signals

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# The median of checkout and search shows nothing: more than half of these requests came before the pool was full. Look at
# the rows below it.
#
# ## The same, live
#
# You can believe a simulation once it has been compared with a live run. The next run starts the same services as ordinary
# processes on real sockets and sends the same requests in real time: less than a minute.

# %% breakfix={"role": "live", "id": "live-broken"}
live = lab.run("broken", world="live")
lab.flight(broken, live, titles=("simulated", "live"))

# %% [markdown]
# `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on, with switches for its faults (see
# `docs/dashboard.md`).
#
# ## Where the time goes
#
# A CPU profiler would show an idle process. This process spends its time *waiting*, so ask what for. One checkout, whose
# customer left:

# %% breakfix={"id": "waterfall"}
lab.waterfall(broken)

# %% [markdown]
# The storefront never called payments: the second row is empty. The call waited inside of the storefront. aiohttp can tell
# where: a `TraceConfig` has a callback for the end of each phase of a call.
#
# ```python
# tracing = aiohttp.TraceConfig()
# tracing.on_connection_queued_start.append(...)  # all places are taken: waits for one
# tracing.on_connection_create_start.append(...)  # connects
# tracing.on_connection_create_end.append(...)  # sends, then waits for the head of the answer
# tracing.on_request_end.append(...)  # has the head, waits for the rest
# aiohttp.ClientSession(trace_configs=[tracing])
# ```

# %% breakfix={"id": "waiting"}
lab.waiting_for(broken, at=8)

# %% [markdown]
# Payments is idle, and calls to it wait for a place; calls to recommendations hold all places. Two defaults of aiohttp cause
# this:
#
# - `TCPConnector(limit=100)`: a session has at most 100 connections, *over all hosts together*. The 101st call waits.
# - `ClientTimeout(total=300, sock_connect=30)`: a call is given up after five minutes, or if it cannot connect within half
#   a minute. Until then it holds its place.
#
# Had payments kept its connections open, a checkout would have found a warm one and waited for nothing: aiohttp looks for an
# idle connection before it looks at the limit. Such a shop survives until its next deploy, or until payments closes them.
#
# An answer can also **drip**, which is a different kind of waiting. In the scenario `drip` recommendations sends its answer
# five bytes at a time, 0.2 s apart, from second 2 to second 9.

# %% breakfix={"id": "drip"}
dripping = lab.run("broken", scenario="drip")
lab.waiting_for(dripping, at=8)

# %% [markdown]
# In the third scenario, `slow`, payments works between 0.7 and 4 s on each charge, from second 2 to second 5. It begins with
# a rush: for three quarters of a second, 80 more customers a second check out. No pool is full. But customers leave after
# 2 s. What becomes of their orders?

# %% breakfix={"id": "slow"}
slowly = lab.run("broken", scenario="slow")
lab.signals(slowly)

# %% [markdown]
# All orders that failed for their customers were charged. Payments goes on working when its caller has left, because nobody
# told it.
#
# ## How long is long enough?
#
# Choose a timeout from request times that were measured while all was well. Six calm runs, some seconds:

# %% breakfix={"id": "percentiles"}
lab.percentiles()

# %% [markdown]
# A timeout at p99 refuses one healthy answer in a hundred. Take p99.9 and leave some room: p99.9 of few answers is the time
# of the slowest one, so you need some thousands to know it. The other bound is the promise: 0.5 s for a checkout or a
# search, 1 s for a page. If the first bound lies above the second, no timeout helps; the promise is wrong.
#
# Between the two bounds, shorter is cheaper, by **Little's law**: calls under way = calls a second x the seconds that each
# one lasts. 25 calls a second that are given up after 5 s hold 125 places, more than one pool has.
#
# ## Diagnose
#
# Replace each `None` in the next cell. It checks the *form* at once; `lab.check("diagnosis")` judges the answer, after the
# first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "places": 100,
    "waits_for": "a place in the pool",
    "held_s": 300,
    "places_needed": 7.5,
    "shortest_s": {"payments": 0.3, "search": 0.2, "recommendations": 0.12},
    "line": 19,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class and its methods `start`, `stop`, `checkout`, `search` and `product`, and what
# they return; everything else may change.
#
# What you can use:
#
# - `visit.request_id`; `visit.deadline`, the moment at which the customer leaves, on the clock of
#   `asyncio.get_running_loop().time()`; and `visit.left()`, the seconds until then. A call that may begin late, such as
#   after a queue or a first attempt, needs them: less time may be left than your timeout.
# - `aiohttp.ClientTimeout(total=..., connect=..., sock_connect=..., sock_read=...)`, for a session or for one call; or
#   `asyncio.timeout(seconds)` and `asyncio.timeout_at(moment)` around any code.
# - `aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=...))`: as many sessions as you like. `start()` runs on the
#   loop before the first request.
# - The headers `X-Timeout-S`, and for payments `Idempotency-Key`: two charges with the same key move the money once.
# - `checkout` raises if the order was not paid, and the customer is told so (504). A product page may show `"recommended":
#   []`. `search` returns what the search service found, or raises: no answer does not mean that nothing was found, and
#   results of an earlier search do not stand in for it.
#
# What must become true: 85 % of requests answered in the promised time while recommendations hangs or drips, product pages
# included; product pages also where recommendations refuses connections, answers an error, or breaks off before an answer or
# in the middle of it, as in the scenario `errors`; recommendations back on the page as soon as their service is, after
# many errors, too, and one single error after that costs no other page its list; payments stops working when the customer
# has left, and when the storefront has told the customer no, also where many check out at once.
#
# What must stay true: a customer who is told "paid" has paid, once, and nobody pays twice, also where payments breaks off
# before its answer or in the middle of it, before the money has moved or after, and others check out meanwhile; and where
# nothing is wrong, all is shown and answered. When the storefront is told to stop, `stop()` returns within ten seconds, and
# raises nothing.
#
# Run the cell to save it. A syntax error, or a method that the storefront needs and does not find, is shown at once; an
# error at run time is named by line under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)`
# brings one back, `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against
# you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.flight(broken, after, titles=("before", "after"))
lab.signals(broken, after)

# %% [markdown]
# Compare the average number of calls to recommendations at once with Little's law: 25 a second times your timeout for
# recommendations. The maximum is somewhat higher than the average.
#
# Now answers that drip, and slow payments; the columns come in pairs, before and after.

# %% breakfix={"id": "after-others"}
drips_after = lab.run(scenario="drip")
slow_after = lab.run(scenario="slow")
lab.signals(dripping, drips_after, slowly, slow_after)

# %% [markdown]
# Orders still fail while payments is slow: no client can prevent that. With a timeout more of them fail than before, because
# nobody waits longer than was promised. Look at the second number of "of these charged" in the last column. It is 0 if your
# repair tells payments how long the storefront waits: then a customer who is told no has not paid. If it is not 0, look at
# `X-Timeout-S`.
#
# Before the repair, a few orders that failed in the drip were charged: each of these calls to payments got its place in the
# pool, but only after its customer had left.
#
# Once more live, less than a minute:

# %% breakfix={"role": "live", "id": "live-after"}
live_after = lab.run(world="live")
lab.flight(after, live_after, titles=("simulated", "live"))

# %% [markdown]
# ## Prove it
#
# Five graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs five scenarios on three seeds each, about half a minute; the others only read the result.

# %% breakfix={"role": "check", "check": "healthy"}
lab.check("healthy")

# %% breakfix={"role": "check", "check": "page"}
lab.check("page")

# %% breakfix={"role": "check", "check": "drip"}
lab.check("drip")

# %% breakfix={"role": "check", "check": "recovers"}
lab.check("recovers")

# %% breakfix={"role": "check", "check": "stops"}
lab.check("stops")

# %% breakfix={"role": "check", "check": "calm"}
lab.check("calm")

# %% breakfix={"role": "check", "check": "recommended"}
lab.check("recommended")

# %% breakfix={"role": "check", "check": "searched"}
lab.check("searched")

# %% breakfix={"role": "check", "check": "paid"}
lab.check("paid")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that people try first, and yours, in five scenarios each: about half a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **5 s for every call** is the timeout that most people write first. 25 calls a second x 5 s are 125 places: the pool is
#   full, and customers leave after 2 s anyway.
# - **A timeout for connecting only** ends nothing here: recommendations does accept connections. If a process hangs, its
#   kernel still completes handshakes.
# - **A timeout for each read** (`sock_read`) ends a call that is silent. A few bytes now and then restart it.
# - **A pool for each service** is a *bulkhead*: the damage stays in one pool, and the healthy routes are safe. The product
#   page still fails. A bulkhead ends no call.
# - **`wait_for` around a thread** returns in time, but the thread still waits. The default pool of a machine with two cores
#   has six threads; six pages take them all. asyncio can cancel a task; nothing can cancel a thread. And half an answer
#   raises `http.client.IncompleteRead`, which is no `OSError`: there the page ends with an error.
# - **0.12 s for every call** is long compared with the median, but refuses healthy answers all day.
# - **Payments is not told**: the storefront does well. But payments works for customers who have left, and charges them.
#
# More are in `labs/lab05_timeouts/fixes`, for you to run by name: `wrong_swallows_cancel`, as in
# `lab.run("wrong_swallows_cancel")`, catches everything, also the `CancelledError` by which a timeout ends its task;
# `wrong_retries_past_deadline` has a good timeout, three times in a row; `wrong_told_more_than_waited` gives up after 0.5 s
# and tells payments 2 s, so customers are told no, and charged after that; `wrong_pays_by_fallback` shows no error to
# anybody.
#
# ## Prevent
#
# **An alert.** Request time says that something is wrong, and only when customers notice. The number of calls under way to a
# service says which service, and earlier. In the next cell, choose the number above which somebody is paged. The rule must
# be quiet in health, also with three times the customers, and for a shop with the reference repair, which survives the
# outage by itself. It must fire for the two broken ones while at least a quarter of the places is free. Some ten seconds.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(above=None, for_s=1)"}
lab.alert(above=25, for_s=1)

# %% [markdown]
# **A linter.** A linter can see a call without a bound. This one (forty lines, in `labs/lab05_timeouts/lint.py`) reads
# Python's syntax tree, and finds a session without a timeout, a `ClientTimeout` without a `total`, and an `urlopen` without
# a timeout. The broken code, then yours:

# %% breakfix={"id": "lint"}
lab.lint("broken")
lab.lint()

# %% [markdown]
# It reads names and knows no types, so it does not see a bound that is set elsewhere, such as `asyncio.timeout` in a caller.
# As a rule for a team that is no loss: *every session has a timeout of its own* is easy to check and cheap to keep.
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page. Five headings, a few lines each. This cell is
# graded by hand; if you study alone, compare with the one in `solutions/lab05_timeouts/lab05_timeouts.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - aiohttp documentation: *Client Quickstart*, section "Timeouts"; *Tracing Reference*, with the flow charts of a call.
# - M. Nygard: *Release It!*, 2nd edition (Pragmatic Bookshelf, 2018): "Timeouts", "Bulkheads", "Circuit Breaker".
# - *Site Reliability Engineering* (O'Reilly, 2016), chapter 22 "Addressing Cascading Failures", section on deadlines and
#   their propagation.
# - J. Dean, L. A. Barroso: *The Tail at Scale*, Communications of the ACM, 2013.
# - J. D. C. Little: *A Proof for the Queuing Formula L = lambda W*, Operations Research, 1961.

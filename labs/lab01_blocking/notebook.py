# %% [markdown]
# # lab01. The page that stands still
#
# > **Pager, 10:41.** Product page failing health checks, taken out of rotation, put back, taken out. Started 10:30.
# > **10:43.** CPU at 10 %, memory flat, no errors in the log. The supplier says that its answers take 100 ms, as always.
# > **10:44.** Marketing reminds us that the launch is at noon.
#
# You will reproduce this failure, find the lines that cause it with two profilers, repair them, and prove the repair: also
# under the launch. Most people's first repair is the word `async` in front of everything, the second `asyncio.to_thread`
# around everything. By the end you will know what each of them lacks.
#
# Plan for about 35 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab01_blocking")

# %% [markdown]
# ## The system
#
# ```
# visitors --40 requests a second--> page --> supplier
# probe --2 prices, once a second--> page
# ```
#
# - The **page** has two routes. `/health` answers "ok" at once; a load balancer and most visitors ask for it. `/price`, one
#   request in ten, needs five things: the supplier's price, a pause before it asks again if that failed, one more view in a
#   SQLite database, and the two halves of a signature, `fold` (plain Python) and `stretch` (C).
# - The **supplier** needs 100 ms for a price.
# - The **probe** is a customer of our own. Once a second it asks for two prices at once, and checks each answer.
#
# Three real aiohttp services run this code, each in a process of its own: most of the time in a *simulated world*, with
# a virtual clock and network, so that the numbers are the same on your machine as on ours; twice on this page *live*, with
# real processes, sockets and seconds. Scaled down are the rates, and the computing of a signature: live, `fold` holds the
# interpreter lock for as long as plain Python would, and `stretch` lets it go and sleeps, both without heating a core, so
# that the arithmetic of this page holds on your machine too, however busy it is.
# The page has two cores and one event loop, in one thread.
#
# This is the code under repair, all that the page does for a price:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Six prices are asked for in a second, each takes about 0.1 s. Write down two numbers before you run anything. Nobody
# scores them.
#
# 1. `/health` needs none of that. What share of health checks takes more than 50 ms, in percent?
# 2. How long does the slowest health check take, in milliseconds?

# %% breakfix={"role": "predict", "id": "predict-share", "blank": "lab.predict(\"slow health checks\", None)"}
lab.predict("slow health checks", 0)

# %% breakfix={"role": "predict", "id": "predict-longest", "blank": "lab.predict(\"longest health check\", None)"}
lab.predict("longest health check", 5)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken", scenario="steady")
lab.routes(broken)

# %% [markdown]
# Above, each point is one request, drawn at the moment at which it was due. Below is the **event-loop lag**: a task in the
# page sleeps for 50 ms again and again, and reports how much later than that it was woken. Where the loop stands still,
# every request that arrives meanwhile waits for the same moment: the falling rows of blue points. A reading can fall short
# of the block by the 50 ms, for the task may not have been due yet when the block began. The visitors' requests are drawn,
# the probe's are not: a block without a price at its beginning is one of the probe's, and since it asks for two at once,
# two blocks in a row are the longest.
#
# ## The signals

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# Two rows deserve a second look. The supplier never has more than one request of ours, although prices overlap; this is
# seen on the wire. And the page says that no price was ever under way: it samples that itself, every now and then, in a
# task of the same loop, so only when the loop is free. *What stands still cannot report it.* The lag survives because it is
# a difference of two times.
#
# The supplier is only one way to hold a loop. Four scenarios make one of them expensive each: `steady` the supplier, `flaky`
# the pause before a second attempt (three answers in ten fail), `import` the database (an importer holds its lock for 0.4 s
# of each second), `signatures` the CPU (0.1 s of plain Python for each price, 12 prices a second). In the last three the
# supplier is fast: it needs 10 ms, so it hardly shows. About ten seconds.

# %% breakfix={"id": "four-ways"}
flaky = lab.run("broken", scenario="flaky")
locked = lab.run("broken", scenario="import")
heavy = lab.run("broken", scenario="signatures")
lab.signals(broken, flaky, locked, heavy)

# %% [markdown]
# `signatures` is worse than slow. 12 prices a second x 0.1 s are 1.2 s of computing in each second: the line only grows, as
# the two rows of p50 show, and the last prices never come. Between two signatures the loop is free for a moment, so there
# the page does see prices under way. (The second thread in `import` is the importer's own.)
#
# ## Profile down to the line
#
# **First, what asyncio knows itself.** In debug mode it warns of each step of a task that held the loop for long
# (`loop.slow_callback_duration`, 100 ms unless set; 50 ms here). You switch it on with `PYTHONASYNCIODEBUG=1`. Here it is a
# setting of the page.

# %% breakfix={"id": "debug"}
debug = lab.run("broken", scenario=lab.lab.scenario("steady").with_(settings={"asyncio_debug": True}))
lab.slow_callbacks(debug)

# %% [markdown]
# It names the task and where its coroutine begins, not the line that it stands on. (It can name this coroutine because the
# page starts each price as a task of its own. Inside a plain aiohttp handler it would name aiohttp's.)
#
# **Then a profiler.** pyinstrument looks at the stack of the loop's thread 200 times a second. It measures real time, so
# this run is live: real processes and sockets, about ten seconds.

# %% breakfix={"role": "live", "id": "live-broken"}
live = lab.run(
    "broken", world="live", scenario=lab.lab.scenario("steady").with_(settings={"profile": "pyinstrument"})
)
lab.profile(live)

# %% [markdown]
# Read the table from the top: the lines of `fix.py` from the outermost to the innermost, and what the last one called. The
# tree below it is what pyinstrument prints, for two seconds of the run; it gives each *function* with the line it begins
# on.
#
# The same code, simulated and live, side by side. The points fall differently, the picture is the same.
#
# To see it move, write `lab.dashboard("broken")` into a cell of your own: five signals of a live run while it goes on,
# with buttons for its load, its faults and its code (`docs/dashboard.md`).

# %% breakfix={"role": "live", "id": "both-worlds"}
lab.routes(broken, live, titles=("simulated", "live"))

# %% [markdown]
# ## Diagnose
#
# Answer in the form given. Whether the *form* is right you learn at once; whether the answer is right, with the first
# verdict on a repair of yours. The launch at noon: 160 visitors a second and the probe ask for 18 prices a second, and
# the supplier will need half a second for each.

# %% breakfix={"role": "diagnosis"}
{
    "held_ms": 107,
    "line": 47,
    "threads": 9,
    "not_for_threads": "fold",
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class and its methods `start`, `stop` and `quote`; everything else may change.
#
# What you can use:
#
# - `start()` runs once on the loop before the first request, so a client session or a pool of workers can begin there.
# - An async client (`aiohttp`), `asyncio.to_thread`, and pools: `ThreadPoolExecutor(n)` and `ProcessPoolExecutor(n)` with
#   `await loop.run_in_executor(pool, function, argument, ...)`. A function for a process is named at the top of a module:
#   `fold` and `stretch` are; a method or a lambda is not.
# - The default pool, that of `asyncio.to_thread`, has `min(32, cores + 4)` threads: 6 here.
#
# What must stay true:
#
# - The supplier's contract: at most **24 requests at once**, also when it stalls for two seconds, as it will in the launch.
# - A price is what the supplier says *now*. Each answer has a view number of its own, and a signature that fits.
# - If the supplier fails, the page pauses (0.2 s in the code above) and asks again. That customers get their price is
#   checked, the length of the pause is not: on the wire, a second attempt looks like another customer's first. Keep it all
#   the same; a supplier in trouble needs it.
#
# What must become true: 95 % of health checks within 50 ms, always; 80 % of prices within 1 s at the launch, and within
# 0.75 s while signatures are heavy.
#
# Run the cell to save it. A mistake in syntax, or a method that the page needs and does not find, is shown at once; what
# goes wrong only when it runs is named by line under the next `lab.run()`. Earlier versions are kept: `lab.history()` lists
# them, `lab.restore(2)` brings one back, `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time, and nobody
# counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run(scenario="steady")
lab.routes(broken, after, titles=("before", "after"))
lab.signals(broken, after)

# %% [markdown]
# The heavy signatures, which two of the checks look at; the first column is the code that failed:

# %% breakfix={"id": "after-signatures"}
computed = lab.run(scenario="signatures")
lab.signals(heavy, computed)

# %% [markdown]
# And the launch, which the broken code need not try:

# %% breakfix={"id": "after-launch"}
noon = lab.run(scenario="launch")
lab.routes(noon)
lab.signals(noon)

# %% [markdown]
# The grey band is the supplier's stall. Prices that were asked for in it have to wait, and so do those that were already on
# their way when it began; health checks do not. (Some need a new connection, since waiting prices hold the old ones: these
# are the points at 2 ms.) In the stall more prices are under way in the page than at the supplier: the contract allows no
# more there, and an answer that the stall holds back counts as given. The check `launch` judges the prices asked for before
# the stall. If your database call shares a pool with the call to the supplier, it waits behind it here: compare the prices
# asked for just before the stall with and without a thread of its own.
#
# Once more live, with the profiler on the loop's thread, about ten seconds. Of the seconds in the first profile, a few
# hundredths are left: the loop's own share of handing the work out.

# %% breakfix={"role": "live", "id": "live-after"}
live_after = lab.run(world="live", scenario=lab.lab.scenario("steady").with_(settings={"profile": "pyinstrument"}))
lab.profile(live_after)

# %% [markdown]
# ## Prove it
#
# Six graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs five scenarios on three seeds each, about half a minute; the others only read the result.

# %% breakfix={"role": "check", "check": "supplier"}
lab.check("supplier")

# %% breakfix={"role": "check", "check": "pause"}
lab.check("pause")

# %% breakfix={"role": "check", "check": "database"}
lab.check("database")

# %% breakfix={"role": "check", "check": "signature"}
lab.check("signature")

# %% breakfix={"role": "check", "check": "pace"}
lab.check("pace")

# %% breakfix={"role": "check", "check": "launch"}
lab.check("launch")

# %% breakfix={"role": "check", "check": "answered"}
lab.check("answered")

# %% breakfix={"role": "check", "check": "right_answers"}
lab.check("right_answers")

# %% breakfix={"role": "check", "check": "counted"}
lab.check("counted")

# %% breakfix={"role": "check", "check": "hiccups"}
lab.check("hiccups")

# %% breakfix={"role": "check", "check": "contract"}
lab.check("contract")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## Three failures that look alike
#
# "Prices are slow" is what the pager says in each of these: a loop blocked by heavy signatures, a supplier that needs 1.5 s,
# and the launch with the default pool (without the stall). Two signals tell them apart: the fast route, and how many prices
# are under way in the page against how many requests are at the supplier. The first of the two is a sample that the page
# takes, the second is counted on the wire, so it may be a little higher. About ten seconds.

# %% breakfix={"id": "symptoms"}
lab.symptoms()

# %% [markdown]
# - **Blocked loop:** every route is slow, and the loop lags. Nothing else may be concluded before this is gone.
# - **Slow supplier:** the fast route is well, prices are slow and *equally* slow, and what is under way in the page is at
#   the supplier. Nothing in the page will make it faster.
# - **Starved pool:** the fast route is well, prices get slower and *slower*, and most of what is under way in the page has
#   not reached the supplier: it waits for one of 6 threads.
#
# ## What other repairs would have done
#
# The code that failed, nine policies that are proposed in nearly every review of such an incident, and a repair that passes,
# on one seed. About half a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# Read it from the top.
#
# - **The word `async`** lets a function wait for others; it does not make a call inside it wait.
#   **`await asyncio.sleep(0)`** gives the loop one turn, and then stands still as before.
# - **One of five calls moved** cures one scenario. The loop is held by the worst call that is left on it.
# - **More workers** hide the failure until more prices come than there are workers: in a launch that is seconds.
# - **`asyncio.to_thread`** is the right tool with a size that nobody chose. How many threads are needed is Little's law:
#   18 prices a second x 0.5 s = 9 threads busy on average, so 6 can never keep up. Nine are busy all the time and have no
#   room for a burst: take half as many again. And each `to_thread` queues anew: a price that goes to the pool three times
#   waits in its line three times.
# - **20 threads for everything** have room to wait, but not to compute: plain Python runs in one thread of a process at a
#   time. The lock changes hands every 5 ms, so with ten threads computing, the loop's turn comes every 50 ms, and a health
#   check needs several turns. C code that
#   lets the lock go (`stretch`, most hashing, compression, NumPy) is well in a thread. Plain Python needs another process.
# - **A new thread to ask for each price** and **an async client without a limit** keep the loop free, and compute in
#   processes. But they have no line to wait in: a supplier that stalls gets everything at once.
# - **A cache** is fast, and sells at yesterday's price.
# - **The last row** gives each call the place that suits it: waiting to an async client with a limit, the database to one
#   thread of its own, C code to threads, plain Python to processes. It is the only row without an `x` and without a lost gate.
#
# One more trap is in no row: `_count_view` reads a number and writes the next one. On the loop nothing could come between.
# Once it runs in several threads, or is split by an `await`, two prices read the same number. The gate `counted` watches
# that.
#
# ## Prevent
#
# An alert on the lag. Choose the milliseconds above which somebody is paged. The rule must be quiet for a healthy page, also
# for one that computes 20 ms on its loop for each price, which no customer notices; and for a slow supplier and a starved
# pool, which are other failures with other runbooks. It must fire for the blocked loop, whether signatures hold it all the
# time or the supplier for 0.1 s now and then. About ten seconds.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(above_ms=None, for_s=3)"}
lab.alert(above_ms=50, for_s=3)

# %% [markdown]
# A linter helps less than one would hope. ruff's rules `ASYNC` find `time.sleep` and a blocking HTTP call that stand *in* an
# `async def`. In the code of this page they stand in plain functions that an `async def` calls, and ruff finds nothing; it
# has no rule for `sqlite3`, nor for computing. What finds all of them is a test that runs the route in asyncio's debug mode
# (pytest runs an `async` test with a plugin, such as pytest-asyncio):
#
# ```python
# async def test_a_price_lets_the_loop_go(caplog):
#     asyncio.get_running_loop().set_debug(True)
#     asyncio.get_running_loop().slow_callback_duration = 0.05
#     await asyncio.sleep(0)  # asyncio looks at its debug flag before a step begins; this step began before you set it
#     await prices.quote("sku-1")  # against a supplier that takes 0.1 s
#     await asyncio.sleep(0)  # ends the step, so that its time is logged
#     assert not [r for r in caplog.records if r.name == "asyncio" and "took" in r.getMessage()]
# ```
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page. Five headings, a few lines each. This cell is
# graded by hand.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - Python documentation: *Developing with asyncio*, sections "Debug mode" and "Running blocking code".
# - J. D. C. Little: *A Proof for the Queuing Formula L = lambda W*, Operations Research, 1961.
# - D. Beazley: *Understanding the Python GIL*, PyCon 2010. The details have changed since 3.2; the 5 ms are from that
#   change.

# %% [markdown]
# # lab14. Launch day
#
# > **Pager, Monday, 14:10.** Marketing announces the launch for Thursday at nine. Ten times the usual orders. Does it hold?
# > **14:12.** The load test of the last launch was green. It was green last time as well.
# > **14:15.** Last time nobody got an order through.
#
# You will watch a launch that a green test allowed, find out why the test could not see it, and write a load test that can: a
# load, a measurement of the capacity, and a test of each release. Then your test is tested: on good versions of the shop,
# and on twelve that somebody made worse.
#
# Plan for about 60 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab14_load")

# %% [markdown]
# ## The system
#
# ```
# ci ---> tester ---> gateway ---> payments
# ```
#
# - The **gateway** serves pages from a cache, and hands orders to payments.
# - **Payments** has two workers, which need 100 ms each for a charge. So it can do 20 orders a second.
# - The **tester** runs the code under repair. It asks the gateway over HTTP, as users do, and sees nothing else of the shop.
# - The **CI** server has the tester judge each version before it goes out: `test()` passes, or raises an `AssertionError`.
#
# What the shop promises, in any good version:
#
# | when | what |
# |---|---|
# | up to 12 requests a second, half of them orders | more than 95 % are answered as asked, all within half a second; half of the pages within 50 ms, once seen |
# | more orders than it can do, from many clients | at least 18 orders a second are confirmed; everybody hears something within a second; who is refused gets 503 or 429, with `Retry-After` |
# | one client asks for all | the others are served as if it did not |
# | an order comes twice | it is charged once, and both get the same receipt |
# | an amount of 0 or less | 422, and nothing stays behind |
# | always | an answer 200 is the answer to what was asked: a page with its number under `page`, a receipt with the order's name under `order` |
#
# A good version still has bad moments: 2 % of all requests fail with 500 for reasons of their own, at any time. For the first
# three seconds after its first order a version is cold: orders take 0.6 s longer. And pages that nobody has seen are rendered
# first.
#
# Real aiohttp services run this code in a *simulated world*: clock and network are virtual, so that half a minute passes in
# a second or two, and the numbers are the same on every machine. Capacity and load are scaled down.
#
# This is the code under repair, the test of the last launch:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next two cells before you run them. Nobody scores them.
#
# 1. At the launch, 45 orders a second are asked for, and users wait for one second. In the version that went out, a commit had
#    the message *No more 503s during the demo*: the queue in front of the workers has 500 places, no longer 8. What share of the
#    orders of those five seconds is confirmed in time, in percent?
# 2. Payments hangs for 1.2 s in the ten seconds that are measured; half of the requests are orders, and each waits for a second
#    at most. Six users of a load test each wait for their answer before they ask again. What share of all their answers, in
#    percent, takes more than half a second?

# %% breakfix={"role": "predict", "id": "predict-served", "blank": "lab.predict(\"orders confirmed in time in the launch\", None)"}
lab.predict("orders confirmed in time in the launch", 44)

# %% breakfix={"role": "predict", "id": "predict-slow", "blank": "lab.predict(\"answers slower than half a second, as six users see them\", None, \"%\")"}
lab.predict("answers slower than half a second, as six users see them", 8, "%")

# %% [markdown]
# ## Reproduce
#
# First the launch, with users and without a test; then the same launch with the version before that commit.

# %% breakfix={"id": "reproduce"}
launch = lab.run("broken", scenario="launch")
lab.chart(launch)

# %% breakfix={"id": "before"}
good = lab.run("broken", scenario=lab.lab.scenario("launch").with_(name="launch before", settings={"version": "queue"}))

# %% [markdown]
# And this is what the test said of the two versions:

# %% breakfix={"id": "green"}
green = lab.run("broken", scenario="bound")
before = lab.run("broken", scenario="queue")
lab.verdict(green, before)

# %% [markdown]
# Both versions have the same two workers, busy all the time. In the one that went out they worked for users who had left; in the
# one before, who could not be served heard so at once. The test passed both, and the column "most at once" says what it missed.
#
# ## The same launch, live
#
# The next run starts the same services as ordinary processes on real sockets and sends the same orders in real time. It takes
# about 20 seconds. The chart then shows both runs in one.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", scenario="launch", world="live")
lab.worlds(launch, live)

# %% [markdown]
# From here on the page uses the simulated world, except for one cell after the repair.
#
# ## What a closed loop hides
#
# Three loads, each asked for 30 requests a second; payments hangs in the shaded time, and half of the requests are orders. The
# first seconds are a warm-up and count in none of the figures.
# On the left the broken `load()`: six users, who each wait for their answer, and sleep for what is left of their turn. In the
# middle users who do not sleep at all, and on the right an open load: each request at its own time, whatever became of the
# others.

# %% breakfix={"id": "models"}
lab.models()

# %% [markdown]
# - **Users who wait** send fewer requests the worse it gets: once all six of them wait, nobody is left to ask. The slow time is
#   hardly sampled, and the 95th percentile says that all is well.
# - **Without a pause** it is the same, and between two troubles the fast answers crowd out the slow ones.
# - **In the open load** half of the requests that arrive in the trouble are orders, and every one of them is there to be seen.
#
# Gil Tene calls this *coordinated omission*: the system under test decides when it is measured, and it is measured least when it
# is worst. Real users arrive whether or not the one before was served. (With closed loops there is nothing wrong where users
# really are few and wait, as in a back office.)
#
# There is a second thing that a closed loop hides. Six users who wait have at most six requests inside. No queue of 500 ever
# fills, and no limit is ever reached.
#
# ## What an average hides
#
# The version `flush` writes its metrics out every five seconds, and does nothing else for 0.9 s. The version `recs` waits too long
# for the recommendations of a few pages. The broken test on both, and on the good version:

# %% breakfix={"id": "spread"}
lab.spread(before, lab.run("broken", scenario="flush"), lab.run("broken", scenario="recs"))

# %% [markdown]
# The mean of the good version is high, since the broken test begins with a cold shop: its first three seconds are in all of its
# figures. In a mean, a cold start and a regression look alike. So warm up first, and throw that away; and then count the slow
# ones: a tenth of the users who wait for a second are a few hundredths in a mean.
#
# ## Where the capacity is
#
# How many orders a second can a shop confirm? Another shop, with workers of its own, is offered more and more, up to three
# times what it can do. The bars are five ways to state its capacity, each from its own runs; some ten seconds of waiting.

# %% breakfix={"id": "knee"}
lab.knee()

# %% [markdown]
# - **The plateau** is the capacity: confirmed orders rise with those offered, and then rise no more. A bounded queue keeps it flat.
# - **95 % confirmed** takes the first unlucky moment for the end: with 2 % errors and a Poisson arrival, a short step below
#   capacity falls under 95 % by chance, or a burst fills the queue.
# - **No refusal** is worse in the same way: a queue of eight places refuses somebody long before the workers are busy all the time.
# - **Steps of a second** count orders that were still queued as they ended: the queue took them, not the workers.
# - **All answers** counts refusals, which are fast. The broken `capacity()` measures how quickly the shop can say no.
#
# ## Twelve regressions
#
# Each of these is the good version with a line or two changed, as a colleague might. All of them passed review.

# %% breakfix={"id": "regressions"}
lab.regressions()

# %% [markdown]
# And this is what the broken test says of them, some twenty seconds:

# %% breakfix={"id": "mutants-broken"}
lab.mutants("broken")

# %% [markdown]
# A test that passes whatever it meets is cheap to have, and its green is worth nothing. This is *mutation testing*: to know what a test
# is worth, break what it tests.
#
# ## Diagnose
#
# Replace each `None` in the next cell. It checks the *form* at once; `lab.check("diagnosis")` judges the answer, after the
# first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "blind_by": "the next request waited for the last answer",
    "inside": 6,
    "line": 20,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the names `load`, `capacity` and `test`; everything inside may change, and you may add what
# you like.
#
# - `await town.order(client, amount=1, name=None)` orders something; `client` is any text, `name` repeats an earlier order.
#   `await town.page(number)` looks at page 0 to 39, or any other. Both wait for at most a second and return an answer, whatever happens.
# - An answer has `.kind` ("order" or "page"), `.name`, `.client`, `.sent` (the loop's time), `.seconds`, `.status` (0 if nothing
#   came), `.body` (a dict) and `.retry_after` (a text, "" without).
# - `town.rng` is a seeded `random.Random`: draw from it, and a test can be repeated.
# - `load(town, rate, seconds)` asks `rate` times a second on average, for so many seconds, and returns the answers. It goes on
#   at that rate whatever the answers: while payments hangs, and while it refuses everything at once. What it asks for, orders or
#   pages, is up to you.
# - `capacity(town)` returns how many orders a second the shop can confirm within a second of their sending, at best; with at most
#   1,500 requests, in 45 s. The shops to be measured have other workers than this page's,
#   fewer or more, slower or faster.
# - `test(town)` raises an `AssertionError` if a version breaks a promise of the table above, and nothing otherwise. Any
#   other exception is no verdict. It has 45 s and 800 requests. It does not know which version it meets.
# - An assertion in a task that nobody awaits is lost, and so is what a test leaves running at its end.
#
# Run the cell to save it. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts over.
# Stuck? `lab.hint()` opens one hint at a time.

# %% breakfix={"role": "fix"}

# %% [markdown]
# Killed or survived, and no false alarm; some twenty seconds:

# %% breakfix={"id": "mutants-yours"}
lab.mutants()

# %% [markdown]
# ## Prove it
#
# Six graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else. The
# first of these cells runs twenty scenarios on three seeds each, up to two minutes; the others only read the result. Each seed
# draws other names, errors and arrivals, and the autograder draws again, with capacities and moments of trouble of its own.
#
# Of the four regressions of each group, a test must find three on each seed: above capacity `bound`, `retries`, `fraud`
# and `one_client`; slow or bad for good `recs`, `cache`, `flush` and `leak`; in what is said `untold`, `mixed`, `twice` and
# `always_200`. And it must pass on three good versions of different design: `queue`, `pool` and `deadline`.
#
# While payments hangs, and while it refuses everything at once, the arrivals of `load()` may change by 40 % at most, for they are
# random. The capacity may be wrong by 7 %.
# A test that takes more than 800 requests or 45 s halves the points. A no counts only from a test that says yes to two good versions,
# and a yes only from one that says no to some bad one.

# %% breakfix={"role": "check", "check": "above"}
lab.check("above")

# %% breakfix={"role": "check", "check": "slow"}
lab.check("slow")

# %% breakfix={"role": "check", "check": "said"}
lab.check("said")

# %% breakfix={"role": "check", "check": "honest"}
lab.check("honest")

# %% breakfix={"role": "check", "check": "open"}
lab.check("open")

# %% breakfix={"role": "check", "check": "capacity"}
lab.check("capacity")

# %% breakfix={"role": "check", "check": "short"}
lab.check("short")

# %% breakfix={"role": "check", "check": "floods"}
lab.check("floods")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## The same test, live
#
# Your coroutine against the version `bound`, over real HTTP in real time, about 50 seconds; beside it the simulated run.

# %% breakfix={"role": "live", "id": "live-test"}
lab.verdict(lab.run(scenario="bound"), lab.run(scenario="bound", world="live"))

# %% [markdown]
# ## What other tests would have said
#
# Tests that most people write first, and yours, on all fifteen versions. Up to a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Never above capacity** finds what is slow or untrue, and nothing of what a launch does.
# - **Only the surge** finds what breaks in it. What is slow on every day, and what a wrong input leaves behind, is not asked.
# - **Averages** hide a tenth of the users. **Only status 200** believes a shop that gives somebody else's receipt.
# - **Not one error** and **without a warm-up** are false alarms: such a test is switched off within a week, and then finds nothing.
#
# ## Prevent
#
# A regression test is a coroutine, so a team's pytest runs it with six lines, on each commit, against a version that was just
# started:
#
# ```python
# import aiohttp, pytest
# from fix import test as holds
# from town import Town
#
# @pytest.mark.asyncio
# async def test_this_version_holds(shop_url):
#     async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
#         await holds(Town(session, shop_url, seed="today"))
# ```
#
# `limit=0` is part of the test: aiohttp's connector allows 100 connections at once, and whoever waits for one of them is a
# closed loop again.
#
# Is there a cheaper gate? Suppose CI keeps the broken test, and stops a release if too few of its answers are 200. Look for a
# share that stops the bad versions and lets the good ones through:

# %% breakfix={"role": "answer", "id": "limit", "blank": "lab.limit(share=None)"}
lab.limit(share=0.97)

# %% [markdown]
# None does. No limit repairs a measurement that does not contain what is sought.
#
# In review, ask five questions of every load test: does it ask when users would, or when it was answered? Was it ever above
# capacity? What does it throw away, and what does it average? Does it read the answers? And which known bad version did it
# stop last?
#
# ## Runbook entry
#
# A launch is an incident with an appointment. Write the entry for the colleague who is on duty that morning and has not read
# this page: which chart, which number, which switch. Five headings, a few lines each. This cell is graded by hand; if you study
# alone, compare with the one in `solutions/lab14_load/lab14_load.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: S3, 2017
#
# Capacity can also go away at once. A command was to take a few servers out of service at 9:37; one of its inputs was wrong, and
# it took many, of two subsystems that then needed a full restart
# ([copy of the post-mortem](https://vuink.com/post/njf-d-dnznmba-d-dpbz/message/41926)). Reads were answered again from 12:26
# on, writes at 13:54: the service had grown since its last restart, and the restart took longer than expected
# ([quoted here](https://techwormam.pages.dev/posts/how-a-single-typo-by-an-amazon-employee-caused-a-massive-internet-outage-techworm)).
#
# **Predict first:** the second run of this scenario has half of the data. How long is its outage, beside the first?

# %% breakfix={"id": "outage-s3-2017"}
lab.outage("s3_2017")

# %% [markdown]
# A load test asks what a system can carry. It does not ask how long the system takes to start with the data that it has by then,
# nor what one wrong number in a command may do. The last column has the change of the tool: servers leave slowly, and none below
# a least number. How many servers were meant and taken is our choice, and so is the time that one of them needs.

# %% [markdown]
# ## Further reading
#
# - G. Tene: *How NOT to Measure Latency*, Strange Loop 2015: coordinated omission.
# - B. Schroeder, A. Wierman, M. Harchol-Balter: *Open Versus Closed: A Cautionary Tale*, NSDI 2006.
# - N. Gunther: *Guerrilla Capacity Planning*, Springer 2007: what lies behind a knee.
# - *Site Reliability Engineering* (O'Reilly, 2016), chapter 27 "Reliable Product Launches at Scale".

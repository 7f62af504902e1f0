# %% [markdown]
# # lab08. Sixteen of everything
#
# > **Pager, 10:14.** Health checks of the shop time out; the load balancer takes it out and puts it back.
# > **10:16.** Customers wait for minutes after "order now". After each restart, orders are missing.
# > **10:19.** One core at 100 %. Somebody has raised the number of connections from 8 to 16. No change.
#
# You will find the line that does the work too often, move the work out of the request, choose how many workers of which
# kind do it, and make it survive `kill -9`. Keep this order: the cheapest worker is the one that is not needed.
#
# Plan for about 45 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab08_workers")

# %% [markdown]
# ## The system
#
# ```
# customers ---> shop ---> partner
# ```
#
# - `POST /invoices/order-7` orders an invoice of 20 lines. The **shop** places and prints each line on a page, in plain
#   Python, and hands the invoice to the partner. A page holds 8 MB while it is being made.
# - The **partner** takes an invoice when it arrives and answers 0.2 s later. It takes two invoices with the same
#   `Idempotency-Key` for the same one.
# - `GET /health` and `GET /status/order-7` are answered by the same process of the shop.
# - The shop's container has **2 cores**. The machine under it has 16, and `os.cpu_count()` returns these 16.
# - The **day**: two orders a second for 3 s, evenly spaced; then 12 orders a second. Between two orders comes a request for
#   health or status.
#
# Real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock, network and cores are
# virtual, so the run takes a few seconds, and the numbers are the same on every machine.
#
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next three cells before you run them. Nobody scores them. `height()` measures a
# line in 2 ms, printing it takes 3 ms, and both hold the interpreter lock.
#
# 1. From second 3 on, 12 orders a second come. How many invoices a second reach the partner?
# 2. With the computing in processes, at how many processes is the knee, beyond which more of them make nothing faster?
# 3. With the work repaired and as many workers as you like, how many invoices a second does the shop make in a rush?

# %% breakfix={"role": "predict", "id": "predict-day", "blank": "lab.predict(\"invoices made\", None)"}
lab.predict("invoices made", 5)

# %% breakfix={"role": "predict", "id": "predict-knee", "blank": "lab.predict(\"knee\", None, \"processes\")"}
lab.predict("knee", 4, "processes")

# %% breakfix={"role": "predict", "id": "predict-rush", "blank": "lab.predict(\"most in a rush\", None, \"a second\")"}
lab.predict("most in a rush", 20, "a second")

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.shop(broken)
lab.signals(broken)

# %% [markdown]
# In the first 3 seconds everybody is answered, but slowly: an order takes almost a second, and a health check, which
# computes nothing, waits for the invoice that is being made. Making an invoice takes 0.44 s, and the partner 0.2 s; for the
# rest of the second, the partner's answer waits until the *next* invoice is made. Soon after second 3 nobody is answered any
# more. The thread could compute two invoices a second. But it renders all orders that have come, one after the other, before
# it looks at the network again. So hardly any invoice reaches the partner, which is idle.
#
# ## Down to the line, live
#
# Before you add any worker, find out what is computed. pyinstrument looks at the stack of the loop's thread 200 times a
# second. It measures real time, so this run is live: real processes and sockets, about 15 seconds. (How long `height()` and
# `print()` hold the interpreter lock is set by the lab; they do not heat a core.)

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live", scenario=lab.lab.scenario("day").with_(settings={"profile": "pyinstrument"}))
lab.profile(live)
lab.shop(broken, live)

# %% [markdown]
# `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on (`docs/dashboard.md`).
#
# The first row of the table ends where most of the time goes, in `height`; the last line before it calls `height`. A profile
# says *where* the time goes. To learn how *often* a line runs, count; that needs no clock:

# %% breakfix={"id": "calls"}
lab.calls()

# %% [markdown]
# An order with twice the lines has a little over four times the calls: for each line, the code measures all lines above once
# more. That is $n(n-1)/2$ calls where $n$ would do. An invoice of 20 lines has 190 calls of 2 ms and 20 prints of 3 ms: 440
# ms. With one call a line it would be 20 x (2 + 3) ms = 100 ms.
#
# ## How many workers, and of which kind
#
# Without the hot spot, an invoice computes for 100 ms and waits for 200 ms. Now you can compute the number of workers.
#
# - **Computing** needs a core and an interpreter. Two cores make 2 / 0.1 s = 20 invoices a second, with any number of
#   workers.
# - **Waiting** needs neither, only a task: 20 a second x 0.2 s = 4 calls under way (Little's law, $L = \lambda W$).
#
# The next cell measures it on the lab's two cores, with 1 to 16 workers of each kind: fifteen runs, about half a minute. On
# the left, 26 orders a second come, and processes or threads render them. On the right, nothing is computed, and as many
# tasks wait for the partner. The dashed lines in colour are the Universal Scalability Law, fitted to the points,
#
# $$X(N) = \frac{X(1)\,N}{1 + \sigma (N-1) + \kappa N (N-1)}$$
#
# with contention $\sigma$ (work that stands in one line) and coherence $\kappa$ (what workers cost each other). The lower
# panels show the cost of an invoice, in worker-seconds.

# %% breakfix={"id": "curve"}
lab.curve()

# %% [markdown]
# - **Processes** make twice as much with two as with one, and no more with further ones: there are two cores. Every further
#   process costs, holds memory, and makes nothing. The law is smooth and the limit of the cores is not: its curve runs below
#   the point at 2, and then promises more than the cores can do. Read the knee (ringed) from the points, and trust a fit no
#   further than its points.
# - **Threads** share one interpreter lock, and with it one core, from 1 to 16.
# - **Tasks that wait** make more with each task until all calls are under way: 26 a second x 0.2 s = 5.2. Sixteen wait no
#   better than eight.
#
# The same with pools of *your* machine, in real time, and jobs of 20 ms: computing in processes and in threads, waiting in
# threads. About ten seconds. Where is the knee, and how many cores do you have?

# %% breakfix={"role": "live", "id": "live-curve"}
lab.live_curve()

# %% [markdown]
# ## Diagnose
#
# Replace each `None` in the next cell. It checks the *form* at once; `lab.check("diagnosis")` judges the answer, after the
# first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "line": 15,
    "compute_ms": 100,
    "compute_in": "processes",
    "waiting": 4,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class `Invoices` and its methods `start`, `stop`, `order` and `state`; everything else may
# change.
#
# What you can use:
#
# - `self.database` names an SQLite file. It is empty at first, and stays when the process is killed.
# - `ProcessPoolExecutor(n)`, `ThreadPoolExecutor(n)`, tasks. A function for a process must stand at the top of the module,
#   as `render` does.
# - `update jobs set until = ? where name = (select name from jobs where ... limit 1) returning name, lines` claims one job in
#   one statement: nobody else can claim it meanwhile.
# - `time.time()` goes on after a restart; a value of `time.monotonic()` means nothing to the next process.
# - A **lease** is a claim that ends by itself. It has to be longer than a job takes, or a job is done twice; and no longer
#   than a customer should wait for the job of a dead worker.
#
# What must become true:
#
# - `order()` returns at once, and from then on the invoice **will** be delivered. No other process has it in memory.
# - The shop is killed with `kill -9` three times, in the middle of a burst, and is back 0.4 s later; it has 9 s after the
#   last kill. Another worker must soon do the job of a dead one again, and must not deliver it twice: a worker can always
#   die between "the partner has it" and "the table says so". The `Idempotency-Key` is there for this case.
# - In `kills` a backup now and then copies the database, and nobody can write to it for 0.12 s. A write that meets it waits; who
#   says yes before the write is done has promised what a kill can take back.
# - `state()` is true: "unknown" for an order that never came, "delivered" once the partner has it.
# - A customer whose yes was lost orders again, at times twice at once. An order that you have is a yes again, and no second
#   invoice.
# - An invoice that the partner answers with an error is not delivered. In the scenario `kills` it answers 503 for 0.3 s before
#   the second kill and for 5 s before the third; what it refused then must be delivered later, however often it refused it.
# - Each start may be on another machine: what the shop finds in its files must mean the same there.
# - `stop()` is called 1.5 s before a deploy kills the process, with more in the queue than can be done in that time. Finish
#   the jobs under way, begin no new one.
# - In a rush, two cores make 20 invoices a second. No more invoices are begun than the cores can make: at most 3.5 pages, on
#   average, are in memory at once.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.shop(broken, after)
lab.signals(broken, after)

# %% [markdown]
# Load and cores are the same. The next cell runs the rush, in which 26 orders a second come, and checks Little's law for
# your workers: the count must equal the product.

# %% breakfix={"id": "after-rush"}
rush = lab.run(scenario="rush")
lab.shop(lab.run("broken", scenario="rush"), rush)
lab.little(rush)

# %% [markdown]
# And three kills:

# %% breakfix={"id": "after-kills"}
lab.shop(lab.run("broken", scenario="kills"), lab.run(scenario="kills"))

# %% [markdown]
# The broken code breaks no promise here, because it makes none: hardly anybody hears yes, and nearly all orders are lost.
# Your "delivered" must reach "answered yes" by the end: a customer who heard yes must get an invoice. It may end higher,
# because an order can be on the disk when the kill cuts off its yes. An order that comes while the shop is down is refused,
# and may come again. The long flat stretch before the third kill is the partner's: for 5 s it answers with errors. A flat
# stretch after a kill is your lease: until it ends, no worker may take the dead worker's job.
#
# Now live, about 25 seconds: the same kills, carried out by the operating system on a real process. The shop is down a
# little longer, because Python takes a moment to start.

# %% breakfix={"role": "live", "id": "live-kills"}
lab.shop(lab.run(scenario="kills"), lab.run(scenario="kills", world="live"))

# %% [markdown]
# ## Prove it
#
# Six graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else. The
# first of these cells runs four scenarios on three seeds each, less than a minute; the others only read the result. The
# autograder kills at other moments.

# %% breakfix={"role": "check", "check": "routes"}
lab.check("routes")

# %% breakfix={"role": "check", "check": "accepts"}
lab.check("accepts")

# %% breakfix={"role": "check", "check": "less_work"}
lab.check("less_work")

# %% breakfix={"role": "check", "check": "knee"}
lab.check("knee")

# %% breakfix={"role": "check", "check": "kept"}
lab.check("kept")

# %% breakfix={"role": "check", "check": "stops"}
lab.check("stops")

# %% breakfix={"role": "check", "check": "once"}
lab.check("once")

# %% breakfix={"role": "check", "check": "right"}
lab.check("right")

# %% breakfix={"role": "check", "check": "quiet"}
lab.check("quiet")

# %% breakfix={"role": "check", "check": "memory"}
lab.check("memory")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. About a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **A process pool, awaited in the request**, frees the loop, and nothing else. The customer waits for the pool's queue, and the
#   queue dies with the process.
# - **`create_task` and yes at once** says yes to orders that exist in memory only. It is fast, and each kill loses such
#   orders.
# - **The queue with the hot spot left in**: workers do work that nobody needs. It would need four times the cores to serve
#   the rush.
# - **Threads** compute on one core, and the loop waits for the same lock: few orders hear yes in time.
# - **`os.cpu_count()`** returns the machine's cores. Sixteen invoices are in the making at once, on two cores: eight times
#   the memory, and no invoice more. "Two a core" holds twice the memory, and makes no more either.
# - **A claim without an end** loses the jobs of dead workers. **A lease shorter than a job** does everything twice:
#   `fixes/wrong_short_lease.py`.
# - **A stop that works off the queue** works for small queues only.
# - **A write that nobody commits**, or that is collected for later, is no write when the process dies:
#   `fixes/wrong_no_commit.py`, `fixes/wrong_written_later.py`.
#
# These and more are in `labs/lab08_workers/fixes`, for you to run by name. The column `stops` counts orders that the deploy
# cut off: their work was waited for in the request, was in memory only, was longer than it has to be, or was begun although
# the time was up.
#
# Two more have no row. A worker that asks the table in a loop without a pause is never late, but uses a whole core: wait for
# a signal, with a timeout for the leases that end silently. And if each worker has a pool of connections to a database
# server, workers x pool must stay below the server's limit (lab04).
#
# ## Prevent
#
# Set an alert. Choose the signal and the number above which somebody is paged: `"depth"` (orders taken in and not yet
# delivered) or `"age"` (how long the oldest of them has waited, in seconds). The rule must be quiet on an ordinary day and
# in a short burst, and fire for an overload that stays and for jobs that dead workers keep. Four runs, less than ten
# seconds, once.
#
# First try the signal that most dashboards have:

# %% breakfix={"id": "alert-depth"}
lab.alert(signal="depth", above=20, for_s=1)

# %% [markdown]
# This rule pages for a burst that is over before anybody has read the message, and does not see a few jobs that nobody will
# ever do. Assume that an invoice must go out within two or three seconds. Find a better rule:

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=1)"}
lab.alert(signal="age", above=2, for_s=1)

# %% [markdown]
# Age has the unit of a promise: "your invoice goes out within so many seconds". Such a rule needs no retuning when workers
# come or go.
#
# In review, ask of every pool: which resource does a worker hold while it works, how much of that is there, and who measured
# it? And ask of every queue: what becomes of its jobs if this line is the last one that runs?
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which chart, which number, and what to do:
# the number of processes, the lease, a restart, refusing orders. Five headings, a few lines each. This cell is graded by
# hand; if you study alone, compare with the one in `solutions/lab08_workers/lab08_workers.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: Kinesis, 2020
#
# A number of workers that nobody had chosen: each front-end server held a thread for each *other* server. A relatively small
# addition of capacity, from 2:44 to 3:47 ([post-mortem](https://aws.amazon.com/cn/message/11201)), took all of them over the
# system's limit of threads ([digest](https://www.theregister.com/2020/11/30/aws_outage_explanation/)). The alarm came at 5:15;
# all was well at 22:23 ([digest](https://communicatorcommunities.com/aws-outage-explained)).
#
# **Predict first:** six servers are added to sixty. How many of the sixty-six fail, and when?

# %% breakfix={"id": "outage-kinesis-2020"}
lab.outage("kinesis_2020")

# %% [markdown]
# More servers, less service: the threads grow with the square of the fleet, and every server meets the limit at once. Nothing
# fails while servers are added, for the old map of shards is good for a while; and to take the new servers away does not help
# those that have failed already. In the last column half as many servers of twice the size carry the load. Our threads are
# counted, not started, and the pace of the restart is ours.

# %% [markdown]
# ## Further reading
#
# - N. J. Gunther: *Guerrilla Capacity Planning*, Springer 2007, chapters 4 and 5 (the Universal Scalability Law).
# - J. D. C. Little: *A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961.
# - B. Goetz: *Java Concurrency in Practice*, 2006, section 8.2 (sizing thread pools: cores x (1 + waiting / computing)).
# - C. G. Gray, D. R. Cheriton: *Leases*, SOSP 1989.
# - Python documentation: `concurrent.futures`; SQLite documentation: `RETURNING`, and *Write-Ahead Logging*.

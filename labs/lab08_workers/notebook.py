# %% [markdown]
# # lab08. Sixteen of everything
#
# > **Pager, 10:14.** Health checks of the shop time out; the load balancer takes it out and puts it back.
# > **10:16.** Customers wait for minutes after "order now". After each restart, orders are missing.
# > **10:19.** One core at 100 %. Somebody has set the number of connections from 8 to 16. No change.
#
# You will find the line that does the work too often, move the work out of the request, choose how many workers do it, and of
# which kind, and make it survive `kill -9`. In this order: the cheapest worker is the one that is not needed.
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
# - The **partner** takes an invoice when it arrives and answers 0.2 s later. If the same `Idempotency-Key` comes again, it is
#   taken for the same invoice.
# - `GET /health` and `GET /status/order-7` are answered by the same process of the shop.
# - The shop's container has **2 cores**. The machine under it has 16, and that is what `os.cpu_count()` tells.
# - The **day**: two orders a second for 3 s, evenly spaced; then 12 orders a second. Between two orders somebody asks for
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
# Write down three numbers before you run anything. Nobody scores them. To measure a line with `height()` takes 2 ms, to print
# it 3 ms, and both hold the interpreter lock.
#
# 1. From second 3 on, 12 orders a second come. How many invoices a second reach the partner?
# 2. With the computing in processes: at how many of them is the knee, from which on more make nothing faster?
# 3. With the work repaired and as many workers as you like: how many invoices a second in a rush?

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
# In the quiet everybody is answered, but slowly: an order takes almost a second, and a health check, which computes
# nothing, waits for the invoice that is being made. Making one takes 0.44 s, and the partner 0.2 s; the rest of the second
# is an answer of the partner that lies there until the *next* invoice is made. Soon after second 3 nobody is answered any
# more. By its computing the thread could make two invoices a second. But it renders all orders that have come, one after
# the other, before it looks at the network again, so hardly one of them reaches the partner, who is idle.
#
# ## Down to the line, live
#
# Before any worker is added: what is all this computing? pyinstrument looks at the stack of the loop's thread 200 times a
# second. It measures real time, so this run is live: real processes and sockets, about 15 seconds. (How long `height()` and
# `print()` hold the interpreter lock is set by the lab; they do not heat a core.)

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live", scenario=lab.lab.scenario("day").with_(settings={"profile": "pyinstrument"}))
lab.profile(live)
lab.shop(broken, live)

# %% [markdown]
# `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on (`docs/dashboard.md`).
#
# The first row of the table ends where most of the time goes: `height`, and the last line before it is the one that calls
# it. The lines of a profile say *where*; how *often* is a count, and it needs no clock:

# %% breakfix={"id": "calls"}
lab.calls()

# %% [markdown]
# An order with twice the lines has a little over four times the calls: for each line, the code measures all lines above once more. That is
# $n(n-1)/2$ where $n$ would do. At 20 lines it is 190 calls of 2 ms, and 20 prints of 3 ms: 440 ms for an invoice. Measured
# once each: 20 x (2 + 3) ms = 100 ms.
#
# ## How many workers, and of which kind
#
# With the hot spot gone, an invoice computes for 100 ms and waits for 200 ms. Now the counts can be computed instead of
# guessed.
#
# - **Computing** needs a core and an interpreter. Two cores make 2 / 0.1 s = 20 invoices a second, and no number of workers
#   makes more.
# - **Waiting** needs neither, only somebody who remembers: 20 a second x 0.2 s = 4 calls under way (Little's law,
#   $L = \lambda W$).
#
# The next cell measures it on the lab's two cores, with 1 to 16 workers of each kind: fifteen runs, about half a minute. On
# the left, 26 orders a second are asked for, and rendering is done in processes or in threads. On the right nothing is
# computed at all, and as many tasks wait for the partner. Dashed in colour: the Universal Scalability Law, fitted to the points,
#
# $$X(N) = \frac{X(1)\,N}{1 + \sigma (N-1) + \kappa N (N-1)}$$
#
# with contention $\sigma$ (work that stands in one line) and coherence $\kappa$ (what workers cost each other). Below: what one
# pays for an invoice, in worker-seconds.

# %% breakfix={"id": "curve"}
lab.curve()

# %% [markdown]
# - **Processes** double from one to two, and then it is over: two cores. Every further process is paid for, holds memory, and
#   makes nothing. The law is smooth and the edge of the cores is not: its curve runs below the point at 2, and
#   then promises more than the cores have. Trust the points for the knee (ringed), and a fit no further than its points.
# - **Threads** share one interpreter lock, and with it one core, from 1 to 16.
# - **Tasks that wait** grow until there is no more to wait for: 26 a second x 0.2 s = 5.2 calls under way. Sixteen wait no
#   better than eight.
#
# The same with pools of *your* machine, in real time, and jobs of 20 ms: computing in processes and in threads, waiting in
# threads. About ten seconds. Where is the knee, and how many cores have you got?

# %% breakfix={"role": "live", "id": "live-curve"}
lab.live_curve()

# %% [markdown]
# ## Diagnose
#
# Answer in the form given. Whether the *form* is right you learn at once; whether the answer is right, with the first
# verdict on a repair of yours.

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
# - `self.database` names an SQLite file. It is empty at first and outlives the process, whatever ends that.
# - `ProcessPoolExecutor(n)`, `ThreadPoolExecutor(n)`, tasks. A function for a process stands at the top of the module, as
#   `render` does.
# - `update jobs set until = ? where name = (select name from jobs where ... limit 1) returning name, lines` claims one job in
#   one statement: nobody else can claim it meanwhile.
# - `time.time()` goes on over a restart; `time.monotonic()` means nothing to the next process.
# - A **lease** is a claim that ends by itself. It has to be longer than a job takes, or a job is done twice; and no longer than
#   a customer should wait for what a dead worker had.
#
# What must become true:
#
# - `order()` returns at once, and from then on the invoice **will** be delivered. Nobody else has it in memory.
# - The shop is killed with `kill -9` three times, in the middle of a burst, and is back 0.4 s later; it has 9 s after the last one.
#   What a dead worker had must be done again, by somebody, soon, and must not be delivered twice: between "the partner has
#   it" and "the table says so" there is always a moment to die in. That is what the `Idempotency-Key` is for.
# - `stop()` is called 1.5 s before a deploy kills the process, with more in the queue than can be done in that time. End what is
#   under way, begin nothing new.
# - In a rush, two cores make 20 invoices a second. Not more than they can make are in the making: at most 3.5 pages, on average,
#   are in memory at once.
#
# Run the cell to save it. A mistake in syntax, or a missing class or method, is shown at once; what goes wrong only when it
# runs is named under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back,
# `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.shop(broken, after)
lab.signals(broken, after)

# %% [markdown]
# Same load, same two cores. Then the rush, in which 26 orders a second come, and Little's law for your workers: what is
# counted must be the product.

# %% breakfix={"id": "after-rush"}
rush = lab.run(scenario="rush")
lab.shop(lab.run("broken", scenario="rush"), rush)
lab.little(rush)

# %% [markdown]
# And three kills:

# %% breakfix={"id": "after-kills"}
lab.shop(lab.run("broken", scenario="kills"), lab.run(scenario="kills"))

# %% [markdown]
# The broken code breaks no promise here, for it makes none: hardly anybody hears yes, and nearly all orders are lost. Your
# "delivered" must reach "answered yes" by the end: who heard yes must get an invoice. It may end above it, for an order
# can be on the disk when the kill cuts off its yes. An order that was refused while the shop was down heard no, and may
# come again. A flat stretch after a kill is your lease: until it ends, nobody may touch what the dead worker had.
#
# Now live, about 20 seconds: the same kills, carried out by the operating system on a real process. It is down a little
# longer, for Python takes a moment to start.

# %% breakfix={"role": "live", "id": "live-kills"}
lab.shop(lab.run(scenario="kills"), lab.run(scenario="kills", world="live"))

# %% [markdown]
# ## Prove it
#
# Six graded checks, and four gates. A gate earns nothing; it takes points away from a repair that breaks something else. The
# first of these cells runs four scenarios on three seeds each, less than a minute; the others only read the result. The
# autograder kills at moments of its own.

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
# - **`create_task` and yes at once** says yes to what exists in memory only. It is fast, and each kill proves it a lie.
# - **The queue with the hot spot left in**: workers for work that nobody needs. To serve the rush like this takes four times
#   the cores.
# - **Threads** compute on one core, and the loop waits for the same lock: few orders hear yes in time.
# - **`os.cpu_count()`** tells the machine's cores. Sixteen invoices are in the making at once, on two cores: eight times the
#   memory, and no invoice more. "Two a core" holds twice of it, and makes no more either.
# - **A claim without an end** loses what the dead had. **A lease shorter than a job** does everything twice:
#   `fixes/wrong_short_lease.py`.
# - **A stop that works off the queue** is a stop for small queues.
# - **A write that nobody commits**, or that is collected for later, is no write when the process dies:
#   `fixes/wrong_no_commit.py`, `fixes/wrong_written_later.py`.
#
# These and more stand in `labs/lab08_workers/fixes`, for you to run by name. Under `stops` are orders that the deploy cut
# off: their work was waited for in the request, was in memory only, was longer than it has to be, or was begun although
# the time was up.
#
# Two more have no row. A worker that asks the table in a loop without a pause is never late, and eats a core: wait for
# news, with a timeout for the leases that end silently. And each worker with a connection of its own to a database server
# counts there: workers x pool must stay below what that server takes (lab04).
#
# ## Prevent
#
# An alert. Choose the signal and the number above which somebody is paged: `"depth"` (orders taken in and not yet delivered)
# or `"age"` (how long the oldest of them has waited, in seconds). The rule must be quiet on an ordinary day and in a short
# burst, and fire for an overload that stays and for jobs that dead workers keep. Four runs, less than ten seconds, once.
#
# First the one that most dashboards have:

# %% breakfix={"id": "alert-depth"}
lab.alert(signal="depth", above=20, for_s=1)

# %% [markdown]
# It pages for a burst that is over before anybody has read it, and does not see a few jobs that nobody will ever do. Say that
# an invoice is to go out within two or three seconds. Better?

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=1)"}
lab.alert(signal="age", above=2, for_s=1)

# %% [markdown]
# Age is in the unit of a promise: "your invoice goes out within so many seconds". It needs no retuning when workers come or go.
#
# In review, ask of every pool: which resource does a worker hold while it works, how much of that is there, and who measured
# it? And of every queue: what becomes of its content if this line is the last one that runs?
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which chart, which number, and what to do:
# the number of processes, the lease, a restart, refusing orders. Five headings, a few lines each. This cell is graded by
# hand; if you study alone, compare with the one in `solutions/lab08_workers/lab08_workers.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - N. J. Gunther: *Guerrilla Capacity Planning*, Springer 2007, chapters 4 and 5 (the Universal Scalability Law).
# - J. D. C. Little: *A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961.
# - B. Goetz: *Java Concurrency in Practice*, 2006, section 8.2 (sizing thread pools: cores x (1 + waiting / computing)).
# - C. G. Gray, D. R. Cheriton: *Leases*, SOSP 1989.
# - Python documentation: `concurrent.futures`; SQLite documentation: `RETURNING`, and *Write-Ahead Logging*.

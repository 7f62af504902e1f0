# %% [markdown]
# # lab00. Nobody can see it fail
#
# > **Support, 10:12.** A customer says that her order "came back empty". She is the third one this morning.
# > **10:13.** The dashboard is green: 100 % of the answers have the status 200, the median request takes 24 ms.
# > **10:15.** No errors in any log. Nothing was deployed.
#
# This is the first notebook of the course. You will look for her order, fail to find it, and then build what was missing: an
# id on every request, a log line for every failure, a trace through all services, and an answer that says what happened.
# With these you will find her order in one search. You will also find slow orders that nobody has complained about yet.
#
# Every notebook has the same steps: **predict** a number, **measure** it, **repair** the code, **prove** the repair, and
# **prevent** the next one. Plan for about 30 minutes. Run the cells from top to bottom; those that take more than a few
# seconds say so beforehand.
#
# - There is one cell to repair. It begins with `%%fix`, and is kept in `fix.py` beside this notebook, with its history.
# - `lab.run("broken")` runs the code that failed, `lab.run()` runs yours.
# - Points are earned by the check cells, the diagnosis and the runbook entry. Each check shows a card with its points and,
#   where it failed, why. `breakfix progress`, in a terminal, adds them up for all labs.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab00_signals")

# %% [markdown]
# ## The system
#
# ```
# customers --25 orders a second--> gateway --> shop --> inventory --> pricing
# ```
#
# - The **gateway** is the load balancer. Each order comes to it with a *request id*, in the header `X-Request-Id`; the id
#   differs from the order's number, because an order may be sent twice. The gateway sends the id on, and begins a trace in
#   the header `traceparent`. You do not change the gateway.
# - The **shop** asks **inventory** to put one piece aside. Inventory writes that into its stock book, which takes 12 ms, and
#   asks **pricing** what the product costs, which takes 8 ms.
# - Shop, inventory and pricing are different programs that share one module: how they deal with a request that comes in
#   (`handle`), and how they ask the next service (`call`). That module is the code under repair.
#
# These are real aiohttp services, each in a process of its own. Most runs of this course take place in a *simulated world*:
# its clock and network are virtual. So 19 seconds (16 of orders, 3 of quiet) pass in a few, and every number is the same on
# your machine as on ours.
#
# This is the module. Line 1 is the `%%fix` of the repair cell, so that lines have the same numbers there:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put two numbers and a name, the name in quotes, in place of `None` in the next three cells before you run them. Nobody
# scores them. A wrong guess is the best way to remember the right answer.
#
# 1. How many of the 371 orders in the 16 seconds of this run come back empty?
# 2. What share of the orders takes longer than 0.2 s, in percent?
# 3. In which service do most of the failures begin: "shop", "inventory" or "pricing"?

# %% breakfix={"role": "predict", "id": "predict-empty", "blank": "lab.predict(\"orders that came back empty\", None)"}
lab.predict("orders that came back empty", 1)

# %% breakfix={"role": "predict", "id": "predict-slow", "blank": "lab.predict(\"slow orders\", None)"}
lab.predict("slow orders", 1)

# %% breakfix={"role": "predict", "id": "predict-where", "blank": "lab.predict(\"where most failures begin\", None)"}
lab.predict("where most failures begin", "shop")

# %% [markdown]
# ## Reproduce
#
# `lab.run("broken")` runs the whole system once with the code that failed. Everything that happens is kept in a *record*.

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")

# %% [markdown]
# The third prediction, the name of a service, cannot be measured yet: nothing in the record tells it.
#
# "100% of them succeeded" counts the answers with a status of 200. The table tells another story, because in this lab we can
# look into the bodies of the answers. In production nobody does.
#
# ## The five signals
#
# Watch these five of each service, in this course and at work:
#
# 1. **rate**: how many requests a second come in;
# 2. **errors**: which share of them fails;
# 3. **request time**: half of the requests take at most p50, and 99 % take at most p99;
# 4. **in flight**: how many requests are inside at once;
# 5. **what the service is short of**: memory, connections or, as here, time on the event loop: the *event-loop lag* says how
#    late the one thread of an asyncio program comes.

# %% breakfix={"id": "five"}
lab.five(broken)

# %% [markdown]
# The dashed line is at 0.2 s: an order that takes longer counts as slow. All is green except p99, which jumps: some orders
# are slow, and nobody can say which. There are no errors. The signals count statuses, and the status lies.
#
# ## The same, live
#
# You can believe a simulation once it has been compared. The next run starts the same services as ordinary processes on real
# sockets, and sends the same orders in real time: about 25 seconds.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.answers(broken, live)

# %% [markdown]
# Every lab can show a live run while it goes on: write `lab.dashboard("broken")` into a cell of your own and press Start.
# Its buttons change the load, switch faults on and off, and replace the code while requests go on (`docs/dashboard.md`).
# Such runs are not graded.
#
# ## What the record holds
#
# A record is one SQLite file for each run. Everything on this page is read from it.

# %% breakfix={"id": "record"}
lab.record(broken)

# %% [markdown]
# You can query it yourself. The table `requests` holds what was seen on the wire, between the processes. Which request ids
# did inventory see?

# %% breakfix={"id": "sql"}
lab.sql(
    broken,
    """
    select link, status, count(*) as exchanges, count(nullif(request_id, '')) as with_an_id
    from requests group by link, status order by min(rowid)
    """,
)

# %% [markdown]
# The gateway sends an id to the shop. Behind the shop it is gone.
#
# ## Find her order
#
# Support knows when she ordered, so the gateway's access log has her order:

# %% breakfix={"id": "complaint"}
complaint = lab.complaint(broken)

# %% [markdown]
# Its status says success, its size says empty. Why? Search the logs of all services for this order:

# %% breakfix={"id": "search"}
lab.search(broken, complaint)

# %% [markdown]
# This is the failure of this lab, and not the empty order: three services worked on it, one of them saw why it failed, and
# none of them left a log line that can be found. More lines would not help. *One* line is missing, which says whose request
# failed and why.
#
# ## Repair
#
# Add four things to the module. All of them fit into about 30 lines.
#
# **1. An honest answer.** `handle` turns every exception into an empty 200. Answer 500 instead (the customer did nothing
# wrong, so it is a 5xx), with the type of the error as JSON: `web.json_response({"error": "DiskFull"}, status=500)`. The
# type is that of the *first* exception. So `call` has to look at the status of an answer. If it is 400 or more, `call`
# raises an exception of its own that carries the `error` of the body. Not every failure is a 500: when a script orders too
# much at once, a limiter before pricing answers 429, `{"error": "TooManyOrders"}`, and for the customer that is a failure
# like any other:
#
# ```python
# class CallFailed(Exception):
#     def __init__(self, error_type):
#         super().__init__(error_type)
#         self.error_type = error_type
# ```
#
# In `handle`, under `except Exception as error:`, take the type that the exception carries, or else its own:
#
# ```python
# error_type = getattr(error, "error_type", type(error).__name__)
# ```
#
# **2. The id.** It comes in as `request.headers["X-Request-Id"]`, has to go out in the headers of `call`, and back on the
# response: `response.headers["X-Request-Id"] = ...`. But `call` does not know for which request it is called; many are under
# way at once. A variable of the module would be overwritten by the next request while this one waits. A **context variable**
# has a value of its own for each request:
#
# ```python
# from contextvars import ContextVar
# REQUEST_ID = ContextVar("request_id")
# REQUEST_ID.set(request_id)     # in handle
# REQUEST_ID.get()               # in call, later, in the same request
# ```
#
# **3. One log line for each failure**, in each service that it passes, where `handle` catches it. `self.log` is a structlog
# logger, so a line consists of fields, not of a sentence: `self.log.error("request failed", request_id=...,
# error_type=...)`. A request that did not fail leaves no line of level error. Logs cost money: all three services together
# may write at most 8 lines an order.
#
# A customer who leaves before the answer is no failure: his request is cancelled in each service that it has reached. What
# comes out of `handler(request)` then is `asyncio.CancelledError`, which is no `Exception`. Let it pass: it leaves no line of
# level error, and what was under way for him ends. Its spans are kept: end a span in a `finally`, or by its `with`.
#
# **4. Spans.** A *span* is one piece of work with a begin and an end; the spans of one order make its *trace*. They are
# joined by the header `traceparent`, which holds the id of the trace and of the caller's span. `extract` reads it, and
# `inject` writes it. A span measures the code inside of its `with` block:
#
# ```python
# from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
# W3C = TraceContextTextMapPropagator()
# name = f"{request.method} {request.path}"
# with self.tracer.start_as_current_span(name, context=W3C.extract(request.headers)) as span:   # in handle
#     try:
#         ...
#     except Exception as error:
#         span.set_status(StatusCode.ERROR)     # from opentelemetry.trace import StatusCode
# W3C.inject(headers)            # in call, before the request is sent: adds the traceparent of the current span to a dict
# ```
#
# Keep the class and the names of its methods. Run the cell to save it; then run the next one to see what has changed. Add
# the four things one after the other. A syntax error or a missing method is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.answers(broken, after)

# %% [markdown]
# ## Before and after
#
# Orders and failures are the same in both runs. Each mark is a failed order; each row is a place that could know of it.

# %% breakfix={"id": "seen"}
lab.seen(broken, after)

# %% [markdown]
# The causes of the failures are not repaired: the disk is as full as before. But now the failures can be seen. The rows
# differ: an order leaves an error log only in the services that its failure passed, so the failure began in the lowest of
# them.
#
# ## Find her order again
#
# One search, and every line that it finds is about her order:

# %% breakfix={"id": "search-after"}
lab.search(after, complaint)

# %% [markdown]
# This is its trace. Each bar is a span, indented below the span that caused it. Its *own time* is the part that none of its
# children covers. A rim and `ERROR` mark the spans that failed.

# %% breakfix={"id": "trace"}
lab.trace(after, complaint)

# %% [markdown]
# The same picture for the slowest order, about which nobody has complained:

# %% breakfix={"id": "trace-slow"}
lab.trace(after, "slowest")

# %% [markdown]
# One trace shows where the time of one order went. Is it the same for all slow orders, and what do these have in common?
# Each span carries the product as an attribute, so the spans can be grouped by it:

# %% breakfix={"id": "slow"}
lab.slow(after)

# %% [markdown]
# ## Diagnose
#
# This answer is graded. Two of its fields ask for an order out of a record of your own: the code that failed, on a worse day,
# with a seed that you choose. `lab.access` is the gateway's access log, with the size of each answer.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None, \"worse_day\")\nlab.access(mine, empty=True)"}
mine = lab.own(2015, "worse_day")
lab.access(mine, empty=True)

# %% [markdown]
# Not all of these orders failed at the same place. No service says where, but the wire does: `lab.wire(mine, "...")`, with a
# request id from the list, shows which services spoke while the order was inside. An exchange that begins while it is inside
# may belong to another order, so look at the times, too. `lab.access(mine, from_s=5, empty=False)` lists orders from second 5
# on that came back with a body.

# %% breakfix={"role": "answer", "id": "own-order", "blank": "lab.wire(mine)  # with a request id from the list"}
lab.wire(mine, "970b24b8")

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The line is one of the code that failed,
# as `lab.code()` showed it at the top of this page. The cell checks the *form* at once; `lab.check("diagnosis")`, below
# "Prevent", judges the answers, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "seed": 2015,
    "line": 20,
    "disk_full_begins_in": "inventory",
    "most_frequent": "DiskFull",
    "slow_span": "pricing",
    "slow_family": "lamp",
    "never_priced": "970b24b8",
    "only_slow": "53ec102f",
    "alert": {"signal": "empty", "burn_rate": 10, "window_s": 5},
}

# %% [markdown]
# ## Prove it
#
# There are five graded checks, and four gates. A gate earns nothing; it takes points away from a repair that breaks something
# else. The first of these cells runs the scenario `leaving` on three seeds (three different sets of orders), at most half
# a minute; the others only read the result. Its orders are those of `orders`, but each tenth customer leaves in the middle,
# and a script orders too much. Look at an order of it with `lab.run(scenario="leaving")`. Your services can write anything
# into logs and traces, so the checks compare these with what was seen at the gateway and on the wire.

# %% breakfix={"role": "check", "check": "honest"}
lab.check("honest")

# %% breakfix={"role": "check", "check": "told"}
lab.check("told")

# %% breakfix={"role": "check", "check": "quiet"}
lab.check("quiet")

# %% breakfix={"role": "check", "check": "same_id"}
lab.check("same_id")

# %% breakfix={"role": "check", "check": "one_trace"}
lab.check("one_trace")

# %% breakfix={"role": "check", "check": "unchanged"}
lab.check("unchanged")

# %% breakfix={"role": "check", "check": "fast"}
lab.check("fast")

# %% breakfix={"role": "check", "check": "leaves"}
lab.check("leaves")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# Your third prediction was the name of a service. It can be measured now, from what your services write:

# %% breakfix={"id": "begins"}
lab.begins(after)

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. Less than a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **A new id in each service** can be searched for within one service only.
# - **The id in a variable of the module** works on a laptop, with one request at a time. Here the next request overwrites it
#   while this one waits, and nearly half of the orders get the id of another. A lock prevents that, but each request then
#   waits for all before it: this repair loses the gate.
# - **Logged, and answered 200**: the logs are right, and every dashboard and alert is as blind as before.
# - **Logged in the shop only**: the log says that something failed, and not where it began.
# - **Each service tells its own exception**: all services above the first one say `CallFailed`, which is true and does not
#   help.
# - **Every step logged**: everything is in the logs, and nobody can pay for them or read them.
#
# ## Prevent
#
# Until now, a customer told you of the failure. An **alert rule** is a signal, a threshold, and a window of time over
# which the signal is taken. Here the signal is the share of orders that fail. But how many failures are too many?
#
# No service promises that every order succeeds. The shop promises its **objective**: 99 % of the orders succeed. So 1 % may
# fail; that is the **error budget**: of 371 orders, 3 or 4. The **burn rate** says how fast it is spent:
#
# $$\text{burn rate} = \frac{\text{share of orders that fail}}{\text{share that may fail}}$$
#
# At a burn rate of 1 the budget of a month lasts a month, at 10 three days. In the run of this page, 12 of 371 orders failed,
# 3.2 %: a burn rate of 3.2, and nobody knew.
#
# A rule must fire soon when something is broken, and be quiet on a good day: people who are woken for nothing stop
# listening. The next cell tries a rule on four runs of the code that failed: a good day; a good day on which pricing restarts,
# and fails every request for a fifth of a second; a day on which a quarter of pricing's answers fail, from second 6 on; and
# one on which all of them do. It counts statuses of 500 and above, as most dashboards do. About 20 seconds, once.

# %% breakfix={"id": "alert-first"}
lab.alert("5xx", burn_rate=1, window_s=1)

# %% [markdown]
# Orders fail, and no rule over statuses can see it. **An alert is as honest as the answers that it counts.** That is why this
# lab comes first. The same rule over your repair, with the same days:

# %% breakfix={"id": "alert-repaired"}
lab.alert("5xx", burn_rate=1, window_s=1, fix="fix")

# %% [markdown]
# Now it sees every failure, and wakes somebody for each. In a window of one second, one failed order is 4 % of all: a burn
# rate of 4. A short window depends on chance, a long one is late.
#
# Until a repair is deployed, somebody has to watch the code that failed. The gateway knows three things of each order: its
# status ("5xx"), whether it took longer than 0.2 s ("slow"), and whether its answer has a size of 0 ("empty"). In the next
# cell, put a signal and two numbers in place of `None`: find a rule for the code that failed that is quiet on both good days
# and fires soon on the other two, with a window of 1 to 10 s.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, burn_rate=None, window_s=None)  # a rule of your own"}
lab.alert(signal="empty", burn_rate=10, window_s=5)

# %% [markdown]
# Put the rule into the diagnosis, as `"alert": {"signal": ..., "burn_rate": ..., "window_s": ...}`, and run that cell again.
# Then the diagnosis is whole; it is judged on five records with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# In review, ask three questions of every `except`: who hears of it, under which id, and what does the caller get?
#
# ## Runbook entry
#
# Write it for a colleague who is paged by this alert and has not read this page: which search, which chart, which number?
# Five headings, a few lines each. This cell is graded by hand; if you study alone, compare with the one in
# `solutions/lab00_signals/lab00_signals.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 4 "Service Level Objectives" and 6 "Monitoring Distributed
#   Systems".
# - *The Site Reliability Workbook* (O'Reilly, 2018), chapter 5 "Alerting on SLOs": burn rates, and several windows at once.
# - W3C Recommendation *Trace Context*: the header `traceparent`.
# - OpenTelemetry, *Semantic Conventions*: how spans, metrics and attributes are named.
# - B. Sigelman et al.: *Dapper, a Large-Scale Distributed Systems Tracing Infrastructure*, Google, 2010.

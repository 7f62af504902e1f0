# %% [markdown]
# # lab03. The query that looks at everything
#
# > **Pager, 09:02.** All order pages answer 504, a second or two after they were asked for. Started 09:00.
# > **09:04.** API idle, no release since Tuesday. The database is at its limit, but each query in the log takes under 0.1 s.
# > **09:05.** Marketing says that the sale began at nine and goes well.
#
# You will reproduce this failure, find the fault that stopped the shop and four more behind it, with the database's own
# tools, repair them, and prove the repair by counts of statements, rows and pages, which no fast machine can improve. Most
# people's first repair is an index on the column that the page is sorted by. By the end you will know why this index makes
# things worse.
#
# Plan for about 40 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab03_database")

# %% [markdown]
# ## The system
#
# ```
# visitors --8 pages a second, 50 in the sale--> orders --> db
# partner  --pages, archive, imports-----------> orders
# partner  --changes by the warehouse--------------------> db
# ```
#
# - **orders** is the API. `GET /orders` shows a customer's last 20 orders with their items, `GET /archive` shows all orders
#   page by page, and `POST /import` takes in a file of orders. If the database does not answer within 1 s, the API answers
#   504.
# - **db** owns the data, in SQLite. It serves two statements at a time; the others wait in line. Here it is a service of its
#   own: a statement is an exchange on the wire, about 1 ms, and the service counts its own work.
# - The **partner** reads the archive and sends files of orders. It is also the warehouse, which changes the status of orders
#   and the quantities of items and deletes orders, directly in the database. It knows what each answer must be.
#
# Three real aiohttp services run this code. Most runs take place in a *simulated world*, with a virtual clock and network,
# so that the numbers are the same on your machine as on ours; one run on this page is *live*. SQLite is real in both. The
# disk is scaled down: the data are in memory, and the service sleeps 10 us for each page that its cache of 2 MB lacks and 2
# ms for each transaction that wrote. So the lab sets the capacity of the database, and not your machine.
#
# The next cell builds the orders, once. It takes a few seconds.

# %% breakfix={"id": "orders"}
lab.orders()



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
lab.act("set orders partner 0")

# %% breakfix={"role": "answer", "id": "act-2", "blank": "lab.act(None)  # something else"}
lab.act("shed 80%")

# %% breakfix={"role": "answer", "id": "act-3", "blank": "lab.act(None)  # two things at once, or one and then another"}
lab.act("shed 100%", then="shed 0")

# %% [markdown]
# %% [markdown]
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# One page takes 0.1 s when nothing else is going on. Put your numbers in place of `None` in the next two cells before you
# run them. Nobody scores them.
#
# 1. The sale brings six times the visitors, for four seconds. The run ends three seconds after it. What share of the pages
#    since the start of the sale is answered 504, in percent?
# 2. How many statements does the database execute for one page that shows 20 orders?

# %% breakfix={"role": "predict", "id": "predict-share", "blank": "lab.predict(\"504s since the sale began\", None)"}
lab.predict("504s since the sale began", 50)

# %% breakfix={"role": "predict", "id": "predict-statements", "blank": "lab.predict(\"statements for a page\", None)"}
lab.predict("statements for a page", 2)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken", scenario="sale")
lab.outcomes(broken)

# %% [markdown]
# The crosses above 1 s, at the beginning of the sale, are pages whose first statement was answered, and which then waited
# again for the items of an order.
#
# The same live, with real processes, sockets and seconds: about 20 seconds.

# %% breakfix={"role": "live", "id": "live-broken"}
live = lab.run("broken", scenario="sale", world="live")
lab.outcomes(broken, live, titles=("simulated", "live"))

# %% [markdown]
# Live, the database takes the lab's time for each statement, and longer only if your machine cannot keep up. If pages fail
# before second 2, your machine was too slow.
#
# `lab.dashboard("broken")`, in a cell of your own, shows such a run while it goes on (`docs/dashboard.md`). Its Deploy
# button cannot install a repair that changes the schema, because the shop is open by then: the run ends and says so.

# %% [markdown]
# ## The signals

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# Query latency has two parts, and they tell different stories. *At work*, each statement takes under 0.1 s, as the pager
# said. *In line*, it waits for seconds, much longer than its caller does. The database cannot know that: it goes on to
# execute statements that nobody waits for any more. Therefore the pages do not come back when the sale ends.
#
# ## The slow-query log
#
# The log has each statement that took more than 50 ms of database time. Sort it by the time *in all*, not by the slowest
# entry.

# %% breakfix={"id": "slow-queries"}
lab.slow_queries(broken)

# %% [markdown]
# One statement holds the two places all the time. That explains the sale, but more may be wrong: the other work of the API
# never got a turn. The scenario `quiet` does one thing after another: seven seconds of pages, three a second; then the
# archive; then files of 40 orders.

# %% breakfix={"id": "quiet"}
quiet = lab.run("broken", scenario="quiet")
lab.statements(quiet)

# %% [markdown]
# Read the table as a bill. *Statements for one* says how often the database executed that text for one page, one page of the
# archive or one file. *Rows scanned* are rows that a full scan stepped over, whether they were wanted or not: SQLite counts
# them.
#
# A page takes 21 statements where two would do: one for the orders, and one for the items of each of the 20. **N+1** is
# cheap for the database here, because each of the 20 goes straight to its rows; it costs 20 round trips. An import does the
# same when it writes: each row is a transaction of its own, and each waits for the network and for the disk.
#
# ## The plan
#
# `EXPLAIN QUERY PLAN` in front of a statement says how SQLite will look for the rows. **SEARCH** goes straight to them,
# **SCAN** walks through all, and **USE TEMP B-TREE FOR ORDER BY** sorts what was found.

# %% breakfix={"id": "plan"}
lab.plan(quiet)

# %% [markdown]
# ## Which index?
#
# The page needs the rows of one customer, sorted by date, and takes 20 of them. The next cell shows the cost with six
# candidates: *steps* of SQLite's virtual machine, *database pages* (blocks of 4 KB of its file) read, and how many of these
# were not in the cache and had to be *fetched*. Each candidate is tried on eight resellers and eight other customers. About
# ten seconds.

# %% breakfix={"id": "indexes"}
lab.indexes()

# %% [markdown]
# Read it from the top.
#
# - **(status)** is not used: the statement does not ask for a status.
# - **(created_at)** is used, and for most customers is *worse than none*. The plan still says SCAN, now *using index*: it
#   walks back through the dates of the whole shop, and fetches a page of the table for each to see whose order it is. The
#   number of steps went down. The number of pages shows what happened. Resellers have an order on every other date, so it
#   finds their 20 soon: measured with the wrong customer, this index looks like a repair.
# - **(created_at, customer_id)** has the right columns in the wrong order. It is many times faster than none, so it would
#   pass a test such as "at least three times faster". But it still walks: the index itself holds the customer, so it saves
#   only the fetching. It gets slower with every order of *any* customer.
# - **(customer_id)** finds the customer's rows, fetches *all* of them, sorts them, and throws all but 20 away. For a
#   customer with 150 orders that is nearly good enough. A reseller has 1,500.
# - **(customer_id, created_at)** has the compared column first and the sorted one second: SQLite reads 20 entries from the
#   right end, and stops. It does not matter how many orders there are. (The page sorts by `id` where dates are equal. Each
#   index entry of SQLite ends with the row's id; in PostgreSQL the index needs it as a third column.)
#
# ## How deep is the archive?

# %% breakfix={"id": "paging"}
lab.paging()

# %% [markdown]
# `OFFSET 250000` reads 250,000 rows and throws them away. **Keyset** paging says after which id the page begins. The partner
# sends both, the number of the page and the last id that it has seen.
#
# ## What does an index cost?
#
# Each row that is stored has an entry in each index, each in another place: one more page to fetch, to change and to write.
# About ten seconds.

# %% breakfix={"id": "writing"}
lab.writing()

# %% [markdown]
# The needed index costs two and a half database pages for each order that is stored, and saves over six thousand for each
# page of orders that is shown. Each further index costs more, and saves nothing as long as no statement uses it. In time,
# all of that is little compared with the orange bar on the left: a transaction a row.
#
# So there are five faults: no index for the page, the sort that follows from it, N+1, OFFSET, and a transaction a row.
#
# ## Diagnose
#
# The questions are about cases that this page has not shown. Replace each `None` in the next cell. It checks the *form* at
# once; `lab.check("diagnosis")` judges the answer, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "statements": 13,
    "plan": "SCAN",
    "index": "status, created_at",
    "skipped": 150000,
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep `MIGRATION` and the class with its methods `of_customer`, `archive` and `take_in`;
# everything else may change.
#
# What you can use:
#
# - `MIGRATION`: a list of statements that change the schema. They run once, before the shop opens.
# - `await self.db.query(sql, params)`: the rows of a SELECT, each a dict. One exchange.
# - `await self.db.execute(sql, params)`, `execute_many(sql, rows)`, and `transaction([(sql, rows), (sql, rows)])`: each is
#   one exchange and one transaction. `execute_many` runs its statement once for each row of parameters; `transaction` runs
#   several statements.
# - Each of them takes `timeout_s`, which is 1 s by default.
#
# What must stay true:
#
# - A page shows the customer's 20 newest orders by `created_at`, then by `id`, each with all its items by `line`.
# - A change by the warehouse is on the next page that anybody asks for.
# - A page is of one moment: as it was before an import that comes meanwhile, or as it is after it.
# - If the database does not answer in time, there is a 504, and no page.
# - A page of the archive has 50 orders, also where ids are missing, because orders were deleted.
# - When an import is answered, its orders are stored. A file is stored whole or not at all, however large it is; one in which
#   an id is taken is refused with an error.
# - To store an order, the database fetches at most 4.5 database pages.
#
# Run the cell to save it. A syntax error or a missing method is shown at once; an error at run time is named under the next
# `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts over. Stuck?
# `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after-quiet"}
quiet_after = lab.run(scenario="quiet")
lab.statements(quiet_after)
lab.plan(quiet, quiet_after)

# %% [markdown]
# If the plan shows a sort of the *items*: to sort forty rows is harmless, and `ORDER BY order_id, line` saves even that.
#
# And the sale:

# %% breakfix={"id": "after"}
after = lab.run(scenario="sale")
lab.outcomes(broken, after, titles=("before", "after"))
lab.signals(broken, after)

# %% [markdown]
# ## Prove it
#
# Six graded checks, and seven gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs two scenarios on three seeds each, about a quarter of a minute, and over a minute for a repair
# that leaves a scan; the others only read the result. All but `sale` are counts: they would be the same on a database a
# hundred times as fast.

# %% breakfix={"role": "check", "check": "scan"}
lab.check("scan")

# %% breakfix={"role": "check", "check": "work"}
lab.check("work")

# %% breakfix={"role": "check", "check": "statements"}
lab.check("statements")

# %% breakfix={"role": "check", "check": "paging"}
lab.check("paging")

# %% breakfix={"role": "check", "check": "imports"}
lab.check("imports")

# %% breakfix={"role": "check", "check": "sale"}
lab.check("sale")

# %% breakfix={"role": "check", "check": "answered"}
lab.check("answered")

# %% breakfix={"role": "check", "check": "true_answers"}
lab.check("true_answers")

# %% breakfix={"role": "check", "check": "right_answers"}
lab.check("right_answers")

# %% breakfix={"role": "check", "check": "fresh"}
lab.check("fresh")

# %% breakfix={"role": "check", "check": "imported"}
lab.check("imported")

# %% breakfix={"role": "check", "check": "write_cost"}
lab.check("write_cost")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# And the diagnosis:

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done
#
# The code that failed, twelve repairs that are proposed in nearly every review of such an incident, and one that passes,
# on one seed. About two minutes.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# Read it from the top.
#
# - **A longer timeout** turns errors into waiting. Nobody gets a page sooner, and the line has no end at all now.
# - **(created_at)** stops the shop even at little load. **(created_at, customer_id)** survives the sale, and would survive
#   your load test: only the counts of rows and of work show that it will fail as the shop grows. **(customer_id)** survives
#   as well, at the expense of resellers.
# - **An index on everything** makes reading cheap and each import expensive.
# - **A function on the column**: the index holds customers, but the statement compares texts made of them. The plan shows
#   it.
# - **`gather`** makes N+1 fast for one customer, and not cheaper for the database.
# - **One join** is as good as IN, if LIMIT 20 applies to the orders. On the join, LIMIT counts items; in Python, the cut
#   comes too late.
# - **A cache** shows yesterday's status to a customer whose parcel is on its way.
# - **A transaction for each order** makes a third as many transactions, but still one for each order.
#
# ## Prevent
#
# Two of the causes could have been found by a test, before anybody was paged:
#
# ```python
# async def test_a_page_takes_few_statements(orders, db):
#     await orders.of_customer(RESELLER)  # one that has over 20 orders: with a single one, N+1 looks like two
#     assert len(db.executed) <= 4
#
#
# def test_no_statement_walks_through_a_table(copy_of_production_schema):
#     for sql in STATEMENTS:
#         plan = copy_of_production_schema.execute(f"EXPLAIN QUERY PLAN {sql}", PARAMETERS[sql])
#         assert not [row for row in plan if row[3].startswith("SCAN")], sql
# ```
#
# Both count, and neither measures time: with 20 rows in a test database everything is fast.
#
# Then set an alert. The database has two places, so it works at most two seconds in each second. In the next cell, choose
# the share of this that statements over 50 ms may take before somebody is paged. The rule must be quiet for a healthy shop,
# also for one whose archive is slow now and then, which no customer notices. It must fire for the broken shop, in the sale
# and on the quiet day before it ("one thing at a time"), when nobody had noticed anything yet. About half a minute.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(share=None, over_ms=50, for_s=2)"}
lab.alert(share=0.1, over_ms=50, for_s=2)

# %% [markdown]
# ## The same on PostgreSQL
#
# PostgreSQL uses other words for the same: `Seq Scan` and `Rows Removed by Filter` mean SCAN; `Index Scan Backward` means
# SEARCH from the right end. `EXPLAIN ANALYZE` executes the statement and times each step; `BUFFERS` counts pages. Our
# database lacks a `statement_timeout`, which ends a statement whose caller has given up. The next cell starts a real server
# for a few seconds, in a temporary folder; set `BREAKFIX_POSTGRES_URL` to use another one.

# %% breakfix={"role": "live", "id": "postgres"}
lab.postgres()

# %% [markdown]
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page. Five headings, a few lines each. This cell is
# graded by hand.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: Slack, 2022
#
# A client that starts needs its channels. They were kept in a cache, and on a miss one query asked every shard of the database.
# A rollout restarted 25 % of the hosts with each step, and nodes of the cache that it touched came back empty. Two steps went
# well, the third did not ([digest](https://failure-modes.dev/library/fm-011)): queries timed out, and such a query fills nothing
# ([digest](https://postmortems.app/postmortem/a50e7b06-2f2c-4d13-a340-9a1e7eed59d7)).
#
# **Predict first:** the third step empties no more than the first. Why does it not heal by itself? Two runs, a few seconds.

# %% breakfix={"id": "outage-slack-2022"}
lab.outage("slack_2022")

# %% [markdown]
# Between the first step and the third, the number of clients that start in a second had grown, and each miss costs one question
# *per shard*: together more than the shards can answer, and from then on they work for nobody. With a query that asks one
# shard, the last column, the same three steps are harmless. The times of the throttle are ours; that the cache fills only while
# few are admitted is the run's.

# %% [markdown]
# ## Further reading
#
# - SQLite documentation: *Query Planning*, and *EXPLAIN QUERY PLAN*.
# - M. Winand: *Use The Index, Luke*, chapters "The Where Clause" and "Partial Results".
# - PostgreSQL documentation: *Using EXPLAIN*.
# - N. Bronson et al.: *Metastable Failures in Distributed Systems*, HotOS 2021: why the pages did not come back.

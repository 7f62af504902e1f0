# %% [markdown]
# # lab10. The month-end report takes the site down
#
# > **Pager, 18:02.** The tills stand still for seconds, go on, stand still again. Hardly an error. CPU is low.
# > **18:04.** Accounting says: "We are only *reading*. It is the month's end." Then somebody starts the correction.
# > **18:20.** The tenant in the south has a report with the sums of the north. Nobody can say who has changed what today.
#
# You will find out who waits for whom, make report and correction harmless, write an audit that survives `kill -9` and shows
# when somebody has tampered with it, and close the way by which one tenant saw the books of another.
#
# Plan for about 50 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab10_reports")

# %% [markdown]
# ## The system
#
# ```
# tills  --20 postings, 20 readings a second--> books --> vault
# office --reports, corrections, probes-------> books
# ```
#
# - The **books** keep two tenants, north and south, in one SQLite file: 72,000 lines, 48,000 of them the north's. Each
#   tenant has 46 accounts. An entry is two lines, a debit and a credit of the same amount, so the sums of all accounts of a
#   tenant add to zero.
# - `POST /north/clerk/anna/entries/entry-7` books an entry, `GET` on the same path reads it. The first three parts say who
#   is calling: tenant, role, user. The gateway has found that out, and it is true.
# - `GET .../reports/2026-11` is the sum of each account of the caller's tenant in a month.
# - `POST .../corrections/correction-3` moves all lines of the account `suspense` to where the rules of the month put them:
#   6,000 lines in the north. The rules take 0.1 ms of computing a line.
# - The **vault** is another machine. It keeps anchors of the audit, and gives them to nobody who could change the books.
# - The **day**: reports at seconds 0.5, 1.1 and 1.5; from second 2.3 on the correction, with reports in it.
#
# Real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock, network and the cost of
# SQLite's work are virtual, so the run takes a few seconds, and the numbers are the same on every machine. The file is a
# thousandth of a real one; so is the time for which its locks are held.
#
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next two cells before you run them. Nobody scores them. The file is in SQLite's
# default mode, with a rollback journal: many may read at once, or one may write. A report takes 0.4 s. Three are asked for
# in the first two seconds; the third is answered from the cache, for nobody could book anything since the second one.
#
# 1. While reports run, what share of the *readings* of single entries is answered within 100 ms, in percent?
# 2. What is the longest time, in seconds, that somebody waits in this run?

# %% breakfix={"role": "predict", "id": "predict-read", "blank": "lab.predict(\"read in 100 ms, reports\", None)"}
lab.predict("read in 100 ms, reports", 100)

# %% breakfix={"role": "predict", "id": "predict-wait", "blank": "lab.predict(\"longest wait\", None)"}
lab.predict("longest wait", 1)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.books(broken)
lab.signals(broken)

# %% [markdown]
# Each report holds the postings out, as the rollback journal promises. But the readings wait as well, although a report only
# reads. And the correction holds everybody for much longer than it computes. No answer is an error 500: Python's SQLite
# waits for a lock for 5 s before it raises, and so a lock is seen as a slow answer. What fails are readings of an entry
# whose posting still waits, answered 404, and postings that still wait when the run ends.
#
# ## Down to the line
#
# The books look at their threads fifty times a second, and note in which line of `fix.py` each of them is, working or
# waiting. The table adds up thread-seconds.

# %% breakfix={"id": "threads"}
lab.threads(broken)

# %% [markdown]
# Two of these lines work: the statement of the report and the update of the correction. All others wait for them, such as
# the first `insert` of a posting, the end of `with db:`, which commits, and the `select` of a single entry.
#
# Look at the commit. A transaction that is ready to commit announces it, waits until the last reader has left, and lets
# **no new reader in** meanwhile, or it would wait forever. So one posting that meets a report makes all readings wait for
# the report's end.
#
# Why does the report take so long? Ask for its plan, and count what it looks at: steps of SQLite's machine, and pages.

# %% breakfix={"id": "plan"}
lab.plan()

# %% [markdown]
# The inner `select` walks through all lines of the tenant, once for each of its accounts. One walk with `group by` looks at
# a fraction of that. With an index that holds all it needs, both statements take milliseconds, and the one that failed, which
# now finds the lines of each account by themselves, takes fewer steps than the one walk. It is the steps that cost time here,
# 20 ns each; a page costs no more than a few dozen of them. A table of sums has one row an account, but somebody has to keep
# it true.
#
# ## The same, live
#
# The next run starts the same services as ordinary processes, with a real SQLite file and real locks, about 12 seconds. How
# long the report takes now depends on your machine; who waits for whom does not.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.books(broken, live)
lab.signals(broken, live)

# %% [markdown]
# `lab.dashboard("broken")`, in a cell of your own, shows a live run while it goes on (`docs/dashboard.md`).
#
# ## Who may see what
#
# On a quiet day the office tries each role of each tenant on each path, and asks for each report more than once. It also
# asks, in roles that may not, for what has been done already. **Predict first:** how many of 64 probes are answered wrongly?
# (Where corrections get done, as with a repair, six more probes ask for one that is done.) The headline of the run counts the
# requests of the tills alone; the probes of the office count apart.

# %% breakfix={"id": "matrix"}
quiet = lab.run("broken", scenario="access")
lab.matrix(quiet)

# %% [markdown]
# `RIGHTS`, in `labs.lab10_reports.rules`, lets a clerk post and read entries; an accountant also ask for reports and
# corrections; an auditor read entries, reports and the trail; and a role that nobody knows do nothing at all. "Accountant",
# "auditor " with a blank behind it and an empty role are such roles: no name but one of the three is one of the three. Two
# rows deserve a second look: the entry *of the other tenant*, where 403 says that it exists, and the reports, where the first
# to ask decides what all others get.
#
# ## Diagnose
#
# Some of the answers are in records of your own: with a seed that you choose, so entries and readings have other names than
# on this page. First the same day. What the office asked for, and from when to when it ran, is on a link of its own; the tills'
# requests have their names in the first column.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None)\nlab.requests(mine, link=\"office->books\")\nlab.requests(mine, from_s=0.5)"}
mine = lab.own(2015)
lab.requests(mine, link="office->books")
lab.requests(mine, from_s=0.5)

# %% [markdown]
# And a day on which there is a correction and no report, with the same seed:

# %% breakfix={"role": "answer", "id": "own-correction", "blank": "alone = lab.own(None, \"correction\")\nlab.requests(alone, link=\"office->books\")\nlab.requests(alone, from_s=1.2)"}
alone = lab.own(2015, "correction")
lab.requests(alone, link="office->books")
lab.requests(alone, from_s=1.2)

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The cell checks the *form* at once;
# `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "readings_wait_for": "a posting that waits to commit",
    "rules_s": 0.6,
    "walks": 46,
    "line": 48,
    "seed": 2015,
    "held_up": "read-823800138906",
    "passed": "read-93697937710",
    "alert": {"signal": "wait", "above": 0.4, "for_s": 1},
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class `Ledger` with its methods `start`, `stop`, `post`, `entry`, `report`, `correct`
# and `trail`, and the function `verify`; everything else may change. You may add tables, indexes and triggers to the file.
# The tables `accounts`, `lines` and `audit` keep their columns; `start()` finds them there:
#
# ```
# accounts (tenant, account)
# lines    (id, tenant, entry, side, month, account, cents)       unique (entry, tenant, side)
# audit    (seq, at, tenant, actor, action, object, outcome, lines, previous, digest)
# ```
#
# What must become true:
#
# - **Nobody waits.** While reports run, and while the correction runs, 97 % of the requests are answered well within 100 ms.
# - **What is confirmed is booked.** Who reads an entry at the moment at which it is confirmed finds it, and no kill loses
#   it; also when it came twice at once. A name belongs to its tenant: the other one may give it to an entry of its own.
# - **A report is the state of the books at one moment** between its question and its answer. Its sums add to zero, it has
#   every entry that was confirmed before it was asked for, and never one line of an entry without the other. It may see a
#   correction half done, but not undone once it was confirmed. Only accounts with a sum of 0 may be missing.
# - **A correction is done whole and once**, by its tenant and its name. Each line that was posted to `suspense` before it
#   was *first* asked for stands where `account_of(entry)` puts it, and no line that was posted after it was confirmed has
#   moved. It comes twice at once, and once more much later; it is killed in the middle, and is asked for again. One that is
#   done is asked for again after a kill as well: it is still done. Both tenants may use one name, and one tenant may ask for
#   two corrections at once. `account_of` must be called for each line. A correction moves lines of the caller's tenant, and
#   of nobody else. It may take 3 seconds from its question to its answer, also where three run at once.
# - **Each change has its row in the audit, and each row its change**, whenever the process is killed. A row for each entry
#   ("post", with the entry as object, 2 lines), and for a correction one or more ("correct", with its name as object) whose
#   `lines` add up to the lines that were moved (a row with 0 lines may be there). `outcome` is "done", `actor` the user. An
#   entry that comes twice is one.
# - **Each refusal has its row** when it is answered: each 403 and each 404 (not an error 500), with the outcome "refused", 0
#   lines, and tenant, user, action and object as they were asked for. The actions are the names in `RIGHTS`: "post",
#   "entry", "report", "correct", "trail"; the object is the last part of the path, for a trail "trail". Who asks twice for the
#   same and is refused twice has two rows.
# - **The audit is append-only and chained.** `seq` counts 1, 2, 3. The database itself refuses to change or delete a row.
#   How `digest` is computed is yours. What was confirmed a second ago is under an anchor:
#   POST `{"count": rows, "head": digest of the last}` to `self.vault`. The vault takes 60 ms to answer; nobody waits for it.
#   It fails for half a second, with a kill in it or at the end of a day: a second after it is back, all rows are under an
#   anchor, also if nobody has changed anything since.
# - **`verify(path, anchors)`** gets a database with the table `audit` alone, and the anchors of the vault, oldest first, in
#   another process. It returns a sentence for each fault. It must find: any column of a row edited, by however little (but
#   for the two digests, which nobody edits alone); a character moved from one column to the one beside it; a row deleted,
#   also if the others are numbered anew; two rows that changed places; a row of another audit in the place of its own; the
#   end cut off; all deleted; the whole chain replaced by one that the same code has made of other changes. Of an untouched
#   audit it says nothing, also after two kills.
# - **Who may do what** is `RIGHTS`. What is not written there is forbidden: raise `Forbidden`, before anything else is
#   looked at, on every path, also where the answer is in a cache, or what is asked for was done before. What belongs to the
#   other tenant is not there: raise `NotFound`, as for what nobody has. `trail` shows the rows of the caller's tenant.
#
# What you can use:
#
# - `pragma journal_mode = wal`: readers see the last commit, and wait for nobody; there is still one writer at a time.
# - `begin immediate` takes the writer's place at the begin, so that what you read in it stays true until you commit.
# - `hashlib`, `hmac`, `json`; `aiohttp` for the vault; threads, or one thread that does all writing.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.books(broken, after)
lab.signals(broken, after)
lab.threads(after)

# %% [markdown]
# Load, reports and correction are the same. The correction may take longer now, from question to answer: it waits for
# others, so that nobody waits for it.
#
# And the day with two kills, after which the office exports the audit and tampers with copies of it. Some of its requests
# fail with any repair: the process is down for a while.

# %% breakfix={"id": "after-kills"}
killed = lab.run(scenario="kills")
lab.tampering(killed)
lab.matrix(lab.run(scenario="access"))

# %% [markdown]
# ## Prove it
#
# Eight graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs three scenarios on three seeds each, less than a minute; the others only read the result.
# `kills` ends with a third kill, in the middle of a correction, and after each run the judge reads the file. The autograder
# kills at other moments.

# %% breakfix={"role": "check", "check": "during_report"}
lab.check("during_report")

# %% breakfix={"role": "check", "check": "during_correction"}
lab.check("during_correction")

# %% breakfix={"role": "check", "check": "totals"}
lab.check("totals")

# %% breakfix={"role": "check", "check": "corrected"}
lab.check("corrected")

# %% breakfix={"role": "check", "check": "audited"}
lab.check("audited")

# %% breakfix={"role": "check", "check": "sealed"}
lab.check("sealed")

# %% breakfix={"role": "check", "check": "access"}
lab.check("access")

# %% breakfix={"role": "check", "check": "refusals"}
lab.check("refusals")

# %% breakfix={"role": "check", "check": "booked"}
lab.check("booked")

# %% breakfix={"role": "check", "check": "served"}
lab.check("served")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. About a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **A longer wait for locks** changes nothing of this: nobody is served sooner.
# - **The write-ahead log alone** makes the report harmless, for readers and the writer no longer meet. There is still one
#   writer: the correction holds the postings as before.
# - **One statement** for the correction is shorter than a loop in Python, and is one transaction all the same.
# - **Slices by OFFSET** skip: a slice that was moved is no longer in the list, so the next one begins too far behind.
# - **A summary made twice a second** is quick, and lacks what was posted since. A summary that the correction forgets
#   drifts for good: `fixes/wrong_summary_drifts.py`.
# - **Audit rows in batches** are fast and lost by a kill. A row that is written *before* its change tells of what never
#   happened: `fixes/wrong_audit_before.py`.
# - **A chain without anchors** proves that no row in it was changed, and not that it is whole. Whoever can delete the last
#   rows, or run the code that makes a chain, needs no more.
# - **A cache that is asked before the role** has the right key, and answers whoever asks second.
# - **A list of what is denied** is complete on the day on which it is written.
#
# These and more are in `labs/lab10_reports/fixes`, for you to run by name.
#
# ## The same on PostgreSQL
#
# Most ledgers do not live in a SQLite file. The next cell starts a PostgreSQL server of its own on this machine and asks it
# the same questions, about ten seconds.

# %% breakfix={"role": "live", "id": "postgres"}
lab.postgres()

# %% [markdown]
# - Each transaction reads a **snapshot**, so readers hold no writer out. But at READ COMMITTED, the default, each
#   *statement* has a snapshot of its own: a report of several statements needs REPEATABLE READ.
# - **`statement_timeout`** ends what takes too long, from the server's side. Set it for the role of the reports, not for
#   everybody.
# - **Row-level security** adds the condition on the tenant to each statement, also to one that forgot it; and who has not
#   said who they are sees nothing. It binds the owner of a table only if it is *forced*, and a superuser never.
# - **Rights** make an audit append-only for the application: it may insert and read. Whoever owns the server may do all;
#   that is what the anchors are for.
# - A correction in one transaction holds nobody out of *other* rows here. It still keeps its row locks, and all old
#   versions, to its end: slices remain right.
#
# This section is not graded.
#
# ## Prevent
#
# Set an alert. Choose the signal and the number above which somebody is paged: `"errors"` (requests answered 5xx in a
# second) or `"wait"` (the longest time, in seconds, that a request has waited). The rule must be quiet in a `rush`, fifteen
# times as many customers for 0.4 s, and when the process is killed and back (`restart`); and fire in `month_end` and in
# `correction`, where nobody asks for a report. Four runs of the broken code, about fifteen seconds, once.
#
# First try the signal that most dashboards have:

# %% breakfix={"id": "alert-errors"}
lab.alert(signal="errors", above=0, for_s=1)

# %% [markdown]
# Find a better rule:

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=1)"}
lab.alert(signal="wait", above=0.4, for_s=1)

# %% [markdown]
# Put the rule into the diagnosis, as `"alert": {"signal": ..., "above": ..., "for_s": ...}`, and run that cell again. Then the
# diagnosis is whole; it is judged on four records with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# A second rule belongs beside it: changes without a row in the audit, counted each night on a copy, by somebody who has no
# part in the books. And `verify()`, with the anchors, on another machine.
#
# In review, ask of every statement: which lock does it hold, for how long, and what grows with the data? Ask of every cache:
# is everything that the answer depends on in its key, the caller included? And of every audit: could the person of whom it
# tells have left it like this?
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which chart, which number, and what to do
# with a report, with a correction, with a tenant who has seen the sums of another. Five headings, a few lines each. This
# cell is graded by hand; if you study alone, compare with the one in `solutions/lab10_reports/lab10_reports.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - SQLite documentation: *File Locking And Concurrency In SQLite Version 3* (the lock called PENDING), and *Write-Ahead
#   Logging*.
# - S. A. Crosby, D. S. Wallach: *Efficient Data Structures for Tamper-Evident Logging*, USENIX Security 2009.
# - B. Schneier, J. Kelsey: *Secure Audit Logs to Support Computer Forensics*, ACM TISSEC 2(2), 1999.
# - PostgreSQL documentation: *Transaction Isolation*, *Row Security Policies*, `statement_timeout`.
# - J. H. Saltzer, M. D. Schroeder: *The Protection of Information in Computer Systems*, Proceedings of the IEEE 63(9), 1975
#   (fail-safe defaults, complete mediation).

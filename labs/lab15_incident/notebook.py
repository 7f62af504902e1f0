# %% [markdown]
# # lab15. One evening, two records
#
# > **Pager, Friday, 19:31.** More than a fifth of all requests fail, for half a minute now. It does not end by itself.
# > **19:33.** There were some deploys tonight. Nobody remembers one that was dangerous.
# > **19:35.** Somebody says it is recs: "look at its errors". Somebody else says it is always the bank.
#
# You have the record of that evening, and a second one on which users were served; nobody says which is which. You will find
# out what happened, prove it by rows of the record, write a runbook that ends it, and policies with which it does not come
# again. Everybody has an evening of his own, drawn from his name.
#
# Plan for about 75 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab15_incident")

# %% [markdown]
# ## The town
#
# ```
# load -> gateway -> catalog -> store
#                            -> recs
#                 -> orders  -> store
#                            -> payments -> store (only with a check)
#                                        -> bank
# ```
#
# Twenty requests a second; three in five look at a page, two in five buy. Who waits for two seconds leaves.
#
# - The **catalog** makes a page of an item from the store and of recommendations; without these, after 0.2 s, it goes out as
#   well.
# - **Orders** writes the order into the store, and has payments charge it, within 0.8 s.
# - **Payments** has a queue and one worker, which takes each charge to the bank. What is in the queue is done, whether or not
#   somebody still waits.
# - The **bank** belongs to somebody else. It takes one charge at a time, 40 ms each: 25 a second. One in twenty it declines.
#
# Real aiohttp services run all this in a *simulated world*: clock and network are virtual, so 45 seconds pass in a few, and the
# same evening can be had again with one thing changed. The records of this lab are simulated only.
#
# ## Two faults that are harmless alone
#
# Before your own evening, somebody else's, with the solution. On Grace's evening the bank stood still for three seconds; and
# some seconds before, orders 5.1 had been deployed, which tries a charge up to five times. About the same evening, with the
# same requests, four times over: with neither, with one of them, with both.
#
# Put your numbers in place of `None` before you run the cell: what share of the requests of the last 20 seconds, long after the
# bank is back, is answered, in percent? Nobody scores them.

# %% breakfix={"role": "predict", "id": "predict-x", "blank": "lab.predict(\"answered with the bank's stall alone\", None, \"%\")"}
lab.predict("answered with the bank's stall alone", 90, "%")

# %% breakfix={"role": "predict", "id": "predict-y", "blank": "lab.predict(\"answered with the retries alone\", None, \"%\")"}
lab.predict("answered with the retries alone", 95, "%")

# %% breakfix={"role": "predict", "id": "predict-both", "blank": "lab.predict(\"answered with both\", None, \"%\")"}
lab.predict("answered with both", 85, "%")

# %% [markdown]
# Four evenings, some fifteen seconds of waiting:

# %% breakfix={"id": "four"}
lab.four()

# %% [markdown]
# - **The stall alone** is over when it is over: what waits at payments is done within two seconds.
# - **The retries alone** hide the one charge in twenty that the bank declines. Users are better off than before.
# - **Both** is an outage without an end. A charge that is not answered in time is asked for again, the queue holds the old one
#   as well, and so each order costs the bank five charges: eight orders a second are forty charges, and it can do 25.
#
# Neither is *the* cause. Who undoes only the trigger has undone nothing, for it is over; who looks for the deploy that broke it
# finds one that had worked for some seconds. And on all four evenings recs was slow and failed in four answers of ten: that is
# loud, and no user noticed.
#
# ## What is evidence
#
# A row of the record is *evidence of a cause* if such a row is there with this cause alone as well, and not without it. The
# judge counts that: rows of one kind (link, route, outcome, time to a factor of two) in windows of five seconds, in the four
# evenings. At least twice, and three times as often as without it, is evidence. What is there only with both shows that they work together, and of neither what it is. Here is what colleagues
# cite who have not looked at that, on Grace's evening:

# %% breakfix={"id": "citing"}
lab.citing_table()

# %% [markdown]
# The slowest rows and the failed ones are symptoms: there are thousands of them because both causes are there. Evidence is
# quieter. Of the retries: second attempts in the seconds *before* the stall. Of the stall: the bank's own span of three
# seconds, and what queued while it lasted.
#
# ## Your evening
#
# Write your name in the next cell, as you will write it into the repair cell. Two evenings, some ten seconds:

# %% breakfix={"role": "answer", "id": "incident", "blank": "A, B = lab.incident(\"your name\")"}
A, B = lab.incident("ada")

# %% [markdown]
# In which of the two are users harmed, and from which second on? In the other one something is loud as well.
#
# The deploys of both. Most mean nothing; a row here is evidence only if it is one of the two causes:

# %% breakfix={"id": "deploys"}
lab.deploys(A)
lab.deploys(B)

# %% [markdown]
# Link by link: what changed between the first ten seconds and the last twenty? Change `before` and `after` to look at other
# times.

# %% breakfix={"id": "links"}
lab.links(A, before=10, after=20)
lab.links(B, before=10, after=20)

# %% [markdown]
# From a request to what it waited for: take the name of a request that failed, and look at its trace. The bar that is long while
# those below it are short is where the time went; if it is the lowest one, ask what that service did.

# %% breakfix={"role": "answer", "id": "sql", "blank": "lab.sql(A, \"select rowid, request_id, endpoint, sent, status from requests where link = 'load->gateway' and status <> 200 order by sent desc limit 5\")"}
lab.sql(B, "select rowid, request_id, endpoint, sent, status from requests where link = 'load->gateway' and endpoint like 'POST%' and status <> 200 and sent > 20 limit 5")

# %% breakfix={"role": "answer", "id": "trace", "blank": "lab.trace(A, A.requests()[500].request_id)"}
lab.trace(B, B.requests()[500].request_id)

# %% [markdown]
# The rest is SQL on the record. `requests` has link, request_id, endpoint, attempt (the calls of one request on one link are
# numbered, retries or not), sent, done, status and error_type ('' if none); `spans`
# host, name, start, end and status; `logs` time, host, level, event, request_id, error_type and fields; `samples` time, signal, host
# and value (`queue.depth`, `db.queue.depth`, `pool.free`, `http.server.active_requests`); `events` the deploys. Each has a `rowid`, by
# which you cite.

# %% breakfix={"role": "answer", "id": "look", "blank": "lab.sql(A, \"select cast(time / 5 as int) * 5 as second, host, event, count(*) as n from logs where level <> 'info' group by 1, 2, 3 order by 1\")"}
lab.sql(B, "select cast(time / 5 as int) * 5 as second, host, event, count(*) as n from logs where level <> 'info' group by 1, 2, 3 order by 1")

# %% [markdown]
# ## Diagnose
#
# Two questions about Grace's evening, and a rule for an alert, which has time until you come to "Prevent". It is judged on her
# evening with other requests, drawn from the seed that you choose: a whole number from 1 on. Replace each `None` in the next
# cell. It checks the *form* at once; `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a
# submission of yours.

# %% breakfix={"role": "diagnosis"}
{
    "seed": 2015,
    "evidence": "rows that it shows without the other cause",
    "recs": "it is loud, and users do not notice it",
    "alert": {"below": 0.85, "for_s": 5},
}

# %% [markdown]
# ## What you hand in
#
# The cell below is `fix.py`. It holds constants, which are read and never run: each must be written out.
#
# - `NAME`: as you gave it to `lab.incident`.
# - `INCIDENT`: `"record"`, "A" or "B", the one with the incident. `"mark"`: the eight characters that `lab.incident` shows for it; rows
#   belong to that record only. `"since_s"`: the second from which on users were harmed, four more or less. `"where"`: the two services in
#   which something was wrong, and no other: not where it hurts, but where something changed or failed of itself. `"what"`: for each of
#   the two its kind. `"rows"`: under the name of each of the two, and under `"together"`, three to five rows as
#   `("requests", 4711)`, or all if there are fewer; more than half of them, three of five, must be evidence of that cause, and
#   under `"together"` of both together.
# - The kinds: `added_work`, `blocked_loop`, `capacity_lost`, `dependency_errors`, `dependency_slow`, `index_lost`, `lost_places`,
#   `n_plus_one`, `no_cache`, `pool_too_small`, `queue_without_bound`, `retries_without_brake`, `surge`, `synchronous_copy`,
#   `timeout_too_long`, `timeout_too_short`.
# - `RUNBOOK`: Markdown with blocks for the operator; docs/runbooks.md has all words and metrics. A block begins with a line
#   `` ```operator `` and ends with `` ``` ``. Between them stand lines such as `page error_rate > 0.2 for 2 s`, `step undo`,
#   `do set orders ATTEMPTS 1`, `do restart payments`, `expect error_rate < 0.1 for 3 s within 12 s`, and `done`. `error_rate` is
#   a share from 0 to 1, `answered` and `offered` are requests a second. The page must not come before users are harmed. The
#   operator can `restart` each service of the town except the bank, `shed`, and `set`:
#
# | service | settings, as they are without any of the faults |
# |---|---|
# | gateway | TIMEOUT_S 2 |
# | catalog | CACHE_S 10, READS 1, STORE_TIMEOUT_S 1, RECS 1, RECS_TIMEOUT_S 0.2, RECS_PLACES 25, LEAK 0 |
# | orders | ATTEMPTS 1, PAUSE_S 0, BUDGET 10, TIMEOUT_S 0.8, STORE_TIMEOUT_S 1.5, CONNECTIONS 100 |
# | payments | BOUND 0 (none), CHECK 0 |
# | store | INDEX 1, SYNC 0 |
#
# - A restart takes two seconds and loses what was in memory; what an operator has `set` before is lost as well, and what was
#   deployed is there again. READS are reads of the store for a page, BUDGET the retries that each order pays for, LEAK 1 loses a
#   place at recs with each answer that is an error, CHECK 1 reads the store before each charge, SYNC 1 has a write wait for the second
#   replica, PLACES and CONNECTIONS are pools. Times may be 0.05 to 60 s (RECS_TIMEOUT_S from 0.01), CACHE_S up to 600, READS up to
#   20, ATTEMPTS and BUDGET up to 10, PAUSE_S up to 5; a value outside of that is refused when it is judged.
# - `POLICIES`: what holds from now on, such as `{"orders": {"ATTEMPTS": 2, "BUDGET": 0.1}}`: the same settings, without the store's. What
#   you do not name stays as it was deployed that evening.
#
# Run the cell to save it. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts over.
# Stuck? `lab.hint()` opens one hint at a time.

# %% breakfix={"role": "fix"}

# %% [markdown]
# Your runbook, played on your evening, and on another of the same kind; four runs, some fifteen seconds:

# %% breakfix={"id": "play"}
lab.play()

# %% [markdown]
# And the trigger again, with nobody on duty: with the policies of that evening, and with yours.

# %% breakfix={"id": "mended"}
lab.mended()

# %% [markdown]
# ## Prove it
#
# Six graded checks and a gate, which earns nothing, and takes points away from a submission that breaks something else. The first
# cell plays eleven evenings, up to a minute; the others only read the result.
#
# - The runbook must leave at most half of the failures, on your evening and on another of its kind.
# - With your policies the trigger comes again twice, the second time for longer if it is one that ends. From five seconds after it
#   on, 93 % must be answered, without an operator.
# - On an evening without the two causes, loud as it is, 95 % must be answered with your policies, nobody be called to act, and the pages
#   still have recommendations. Else half of the points are left.
#
# The autograder draws other requests and other moments for the last two.

# %% breakfix={"role": "check", "check": "detected"}
lab.check("detected")

# %% breakfix={"role": "check", "check": "localised"}
lab.check("localised")

# %% breakfix={"role": "check", "check": "named"}
lab.check("named")

# %% breakfix={"role": "check", "check": "shown"}
lab.check("shown")

# %% breakfix={"role": "check", "check": "mitigated"}
lab.check("mitigated")

# %% breakfix={"role": "check", "check": "replayed"}
lab.check("replayed")

# %% breakfix={"role": "check", "check": "unharmed"}
lab.check("unharmed")

# %% [markdown]
# ## The same policies, live
#
# The trigger once more with your policies, as ordinary processes on real sockets in real time, about 40 seconds; beside it the
# simulated run.

# %% breakfix={"role": "live", "id": "live"}
lab.worlds(lab.run(scenario="replayed"), lab.run(scenario="replayed", world="live"))

# %% [markdown]
# ## What other answers would have earned
#
# Answers to Ada's evening that most people give first. Up to a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **All services named** is right about two of them, and sends five teams looking.
# - **The loud one** is where everybody looks first. It was as loud on an evening on which nobody was harmed.
# - **The trigger alone** ends this evening, and waits for the next one.
# - **Restart everything**: what was deployed is there again two seconds later.
# - **Shed load**: two in five are refused on purpose, and the others fail as before.
#
# ## Prevent
#
# When should somebody be called? The page of this lab comes when the share that is answered stays below a bound. Find one that
# comes on Grace's evening with both faults, and on none of the other three. `lab.own(7, "grace_stall")` plays one of the four
# with the seed 7. Four runs, some ten seconds:

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(below=None, for_s=3)"}
lab.alert(below=0.85, for_s=5)

# %% [markdown]
# Too short, and it calls for the three seconds of the stall, which end by themselves; too low, and a whole route may fail
# unnoticed, for the other one goes on.
#
# Put the rule into the diagnosis, as `"alert": {"below": ..., "for_s": ...}`, and run that cell again.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## Post-mortem
#
# Write it for the team that was not there. Five headings: under *Symptom* and *Signal* the timeline, with rows of the record; under
# *First five minutes* what was done and what it changed, what went well and what was luck; under *Fix* both causes and how they
# worked together, without a name of a person; under *Prevention* three actions at most, each with an owner and with the test that
# would fail if it were undone. This cell is graded by hand: a point each for the timeline with rows, for both causes and their
# interaction, for what went well, and for actions that have an owner and a test. If you study alone, compare with the one in
# `solutions/lab15_incident/lab15_incident.ipynb`, which is the runbook entry that came of it.

# %% [markdown] breakfix={"role": "runbook", "points": 4}

# %% [markdown]
# ## Further reading
#
# - N. Bronson, A. Aghayev, A. Charapko, T. Zhu: *Metastable Failures in Distributed Systems*, HotOS 2021.
# - R. Cook: *How Complex Systems Fail*, 1998: each part of a catastrophe is insufficient alone.
# - *Site Reliability Engineering* (O'Reilly, 2016), chapters 14 "Managing Incidents" and 15 "Postmortem Culture".

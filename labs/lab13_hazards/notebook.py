# %% [markdown]
# # lab13. Everybody has switched the linter off
#
# > **Pager, 16:20, post-mortem of last night.** A call over the network had no timeout. It is the fourth such incident this
# > year.
# > **16:24.** There is a rule for it. It has been there for two years.
# > **16:31.** The rule is muted in most files, with `# noqa`. In the one with the call, too.
#
# You will measure why nobody believes this linter, mend its four rules until they deserve it, and turn it into a gate that
# stops a change only for what the change brings. At the end you review a plan for a service, where there is no code yet, and
# no linter. Most people's first repair is a longer list of names. By the end you will know why a longer list is muted
# sooner.
#
# What no rule can see comes last: three outages that look alike, and a runbook of yours that is graded by playing it. Linter
# and runbook are graded apart; either can be handed in without the other.
#
# Plan for about three hours: two for the linter and the plan, one for the runbook. Run the cells from top to bottom; those
# that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab13_hazards")

# %% [markdown]
# ## The system
#
# ```
# editors --4 a second--> linter        review --> linter
# ```
#
# - The **linter** is a service. It is asked about the text of a file, and answers with findings: a rule, a line, what to do.
#   It runs the code under repair. Editors ask it while people type.
# - The **review** asks it about three things, of which it knows the truth: *twins*, this course's own code, and changes.
# - A **twin** is a short module with a hazard, and the same module after the smallest change that removes the hazard. A rule
#   is right about the pair if it reports the first and not the second.
#
# There are four rules:
#
# | rule | what it is for |
# |---|---|
# | BF101 | a call that blocks the event loop: in a coroutine, or in a function that a coroutine calls |
# | BF102 | a call over a network that may wait without a limit |
# | BF103 | something that lives on, and grows without a bound |
# | BF104 | something that is taken, and not given back on each way out |
#
# Real aiohttp services run this code in a *simulated world*: clock and network are virtual, and the numbers are the same on
# every machine. The code under repair is the linter:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next three cells before you run them. Nobody scores them.
#
# 1. This linter is run on the course's own code: the `broken.py` and one right repair of each of the labs 00 to 12. Of a
#    hundred findings, how many are true?
# 2. The broken code of these labs failed by hazards for which there are rules. What share of them does it find, in percent?
# 3. All twins are written again with other names, with imports such as `from time import sleep as pause`, and several in one
#    module. What share of this linter's verdicts changes, in percent?

# %% breakfix={"role": "predict", "id": "predict-true", "blank": "lab.predict(\"findings that are true\", None)"}
lab.predict("findings that are true", 60)

# %% breakfix={"role": "predict", "id": "predict-found", "blank": "lab.predict(\"hazards found in broken code\", None)"}
lab.predict("hazards found in broken code", 80)

# %% breakfix={"role": "predict", "id": "predict-change", "blank": "lab.predict(\"verdicts that change\", None)"}
lab.predict("verdicts that change", 30)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.twins(broken)

# %% [markdown]
# The blue bars are for hazards under secret names and among other code. Both bars of a rule belong together. Whoever reports
# everything has a long blue one, whoever reports nothing has no false finding. People look at the orange one: it is the
# share of interruptions that were worth it.
#
# ## The same, live
#
# The next run starts the same services as ordinary processes on real sockets, and takes about 15 seconds. Text is text: each
# answer must be the same in both worlds. Only the waiting differs: a live run that is called invalid was disturbed in its
# times, and its answers can be compared all the same.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.same(broken, live)

# %% [markdown]
# From here on the page uses the simulated world.
#
# ## What it says about our own code
#
# Each line of these files that is a hazard for one of the rules has a label; so has each line that cannot be decided from
# the text, where no finding counts. Files in which there was nothing to report, and nothing reported, are left out.

# %% breakfix={"id": "own-code"}
lab.own_code(broken)

# %% [markdown]
# Look at the rows of the right repairs. Some of their findings are true: lab02's repair cured the memory, and left a session
# without a limit. "A right repair has no findings" would be the wrong measure; a label on each line is a better one.
#
# And look at lab01. Its whole failure was a blocking call, and not one of the lines that block is found.
#
# ## Down to the line
#
# One pair for each rule, as a diff. Below it is what the linter said to both halves: alone in a module (*plain*), and
# *dressed*, under secret names and among other code.

# %% breakfix={"id": "examples"}
lab.examples(broken)

# %% [markdown]
# A linter has no profile with a hot line, but each finding leaves a rule from a line of the rule. These lines reported code
# that was mended:

# %% breakfix={"id": "trace"}
lab.trace(broken)

# %% [markdown]
# Each of them sees one node, and asks how it is *written*. None asks what the name *means*: which import it comes from, what
# the object was made by, who calls the function, and what stands round it. This is what Python's own parser has to say to
# two lines which mean the same:

# %% breakfix={"id": "tree"}
import ast

for line in ("time.sleep(1)", "pause(1)"):
    print(ast.dump(ast.parse(line).body[0].value))

# %% [markdown]
# `"sleep"` is nowhere in the second one. It is in another node, many lines above: `ImportFrom(module='time',
# names=[alias(name='sleep', asname='pause')])`.
#
# ## The gate
#
# The gate gets all files before a change and after it. What it did with twenty changes:

# %% breakfix={"id": "gate-broken"}
lab.changes(broken)

# %% [markdown]
# It stops a change for hazards that others left there years ago. There is one way to get work done: a comment at the head of
# the file. And that comment lets the next hazard in.
#
# ## A plan, before there is code
#
# Read the plan of a service for gift cards. Eight of its sentences hold a hazard. The questions come in the next cell, with
# those about the linter.

# %% breakfix={"id": "plan"}
lab.plan()

# %% [markdown]
# ## Diagnose
#
# Some of the answers are in a record of your own. In it the linter is asked about the snippets for practice again, each
# written several times under names that come from a seed which you choose. A snippet is listed under the rule that it is for.
# Some are hazards, more were mended: you have to read them.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None, \"renamed\")\nlab.snippets(mine, \"BF101\", found=False)"}
mine = lab.own(2015, "renamed")
lab.snippets(mine, "BF101", found=False)

# %% [markdown]
# `found=True` lists those in which the rule found something; BF102, BF103 and BF104 are the other rules. The name of a snippet
# is in the first column, and this shows its source:

# %% breakfix={"role": "answer", "id": "own-snippet", "blank": "# lab.snippet(mine, \"snippet-...\")"}
lab.snippet(mine, "snippet-26537205287")

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The cell checks the *form* at once;
# `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a repair of yours. Of the twelve
# hazards that are asked for in the plan, four are not there: their answer is 0.

# %% breakfix={"role": "diagnosis"}
{
    "seed": 2015,
    "cause": "it compares what is written, not what it means",
    "muted": 59,
    "false": 81,
    "limit": 0,
    "retries": 3,
    "twice": 5,
    "queue": 0,
    "pool": 7,
    "lease": 10,
    "cache": 12,
    "stampede": 0,
    "loop": 15,
    "lost": 17,
    "restart": 19,
    "blind": 0,
    "unseen": "snippet-26537205287",
    "seen": "snippet-217392958189",
    "alert": {"slower_ms": 20, "for_s": 2},
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the names `Finding`, the four rules, `RULES` and `gate`; everything inside may change, and
# you may add what you like. The standard library is there.
#
# **A rule** gets a module as `ast` made it, and yields pairs: a line, and what to do instead. It knows nothing but this
# module. A finding names the line of the call that blocks or waits, of the session that has no limit (or of a request
# through it), of the container where it is made (or where it grows), and of what is taken.
#
# - **BF101.** These block: `time.sleep`; functions of `requests` and `urllib.request.urlopen`; `subprocess.run`, `call`,
#   `check_call` and `check_output`; `execute` and `commit` of a connection of `sqlite3`; `get` and `put` of a `queue.Queue`;
#   `with` on a lock of `threading`. In a coroutine, in a function inside of it that it calls, in a function or a method on
#   `self` that it calls, or in one that these call. Not: in a plain function that no coroutine calls, and not where the
#   function is handed to `to_thread` or to an executor, also as a lambda.
# - **BF102.** These need a limit: functions of `requests`, `urlopen`, `socket.create_connection` (an argument, which may be
#   the second one), `asyncio.open_connection` (`asyncio.timeout` or `wait_for` round it), an `aiohttp.ClientSession`. An
#   `aiohttp.ClientTimeout` without a `total` is none; nor is `timeout=None`. aiohttp's own 300 s count as none. A session
#   without one is harmless if each request through it has one, as an argument or by `asyncio.timeout` round it, or round
#   each call of its function.
# - **BF103.** A dict, list, set, `defaultdict`, `deque` or the like that a module or an object keeps, to which functions
#   add, and from which nothing removes; that nobody replaces, and whose `len` nobody compares. What `__init__` or `start`
#   fills from a fixed table does not grow. A queue (of `asyncio`, `queue`, or a deque from which somebody takes the first)
#   needs a bound, also if somebody takes from it; `maxsize=0` is none. `lru_cache(maxsize=None)` on a function with
#   arguments, and `functools.cache`, which is the same.
# - **BF104.** `open`, `acquire`, `connect`, `create_connection`, a session or an answer of aiohttp, an executor, bound to a
#   name in a function (or, for `acquire`, to none) without `with`, without a `finally` that names it (for `acquire`: what it
#   belongs to), and not returned itself: then an exception, or one way out, leaves it open.
#
# Names may be imported under any name, and snippets stand several in a module, at times inside of an `if`.
#
# **The gate** gets two mappings from paths to sources, all files before the change and after it, and returns the findings
# that stop it: those which the change brings, and no others.
#
# - An old finding stays old if lines move, functions change places, or it is indented anew. It is the same if path, rule and
#   the line's text are, the comment in it included. But a second line of the same text is new; so is a new finding in a file
#   where an old one was mended, and one in an old line that was harmless before.
# - `# noqa: BF101 - why` mutes this rule in this line, with a reason. Without a reason, or for another rule, it mutes
#   nothing. For a whole file it never counts. Who takes a mute away brings the finding.
#
# Run the cell to save it. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.twins(broken, after)

# %% [markdown]
# Which of the pairs for practice are still wrong, and from which line of yours:

# %% breakfix={"id": "misses"}
lab.misses(after)

# %% [markdown]
# Twelve more pairs try one clause each of the text above, where most people stop reading. Their code is not shown; the
# clause is.

# %% breakfix={"id": "clauses-after"}
lab.clauses(after)

# %% breakfix={"id": "own-code-after"}
lab.own_code(after)

# %% breakfix={"id": "gate-after"}
lab.changes(after)

# %% [markdown]
# ## Prove it
#
# Six graded checks, and four that earn nothing: they take points away from a repair that breaks something else.
# The first of these cells runs two scenarios on three seeds each, up to half a minute; the others only read the result.
#
# Twelve pairs are for practice, and `lab.misses(after)` shows those that are wrong. Twenty-eight others are judged, seven
# for each rule. They are of the kinds that are listed above.
#
# - `finds` takes the worst rule: seven of ten hazards must be found, under secret names and among other code. A rule that
#   reports more than three of four mended twins as well has found none.
# - `quiet` takes all findings, on twins and in our own code: nine of ten must be true in either.
# - `lines` asks for nine of ten labelled hazards in the broken code of our labs, within a line.
# - `clauses` asks for all twelve clauses: the hazard is found, and its mended twin is not reported.
# - `gate` asks for all twenty changes.
# - `variants`: at most 3 % of the verdicts on snippets may change with the names and the neighbours.
#
# The four: no rule may raise, on modules of the standard library and on unusual syntax; a long module takes at most 0.2 s of
# computing, be it long by 3,000 lines, by one function that opens 300 files, by 300 methods with a session each, or by a name
# that is bound 1,000 times; editors are answered, with findings that have a line of their file, the first being 1; and when
# the linter ends, nothing that it began is still under way.

# %% breakfix={"role": "check", "check": "finds"}
lab.check("finds")

# %% breakfix={"role": "check", "check": "quiet"}
lab.check("quiet")

# %% breakfix={"role": "check", "check": "lines"}
lab.check("lines")

# %% breakfix={"role": "check", "check": "clauses"}
lab.check("clauses")

# %% breakfix={"role": "check", "check": "gate"}
lab.check("gate")

# %% breakfix={"role": "check", "check": "variants"}
lab.check("variants")

# %% breakfix={"role": "check", "check": "copes"}
lab.check("copes")

# %% breakfix={"role": "check", "check": "fast"}
lab.check("fast")

# %% breakfix={"role": "check", "check": "served"}
lab.check("served")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# ## What other linters would have said
#
# Linters that most people try first, and yours, on the same twins. Up to a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% breakfix={"id": "plane"}
lab.plane()

# %% [markdown]
# - **Regular expressions** find what is written in the usual way, also in a docstring. **Names as they are written** asks the
#   tree for calls instead, and stops at the first alias.
# - **Only in coroutines** does not look into what a coroutine calls. **Handed to a thread is called** looks there too, also
#   where the function is not called but handed on.
# - **Only what practice shows** knows the names of the twelve pairs for practice, and no others.
# - **A timeout somewhere** in the module looks like a careful heuristic: it silences the rule just where people have begun
#   to set timeouts.
# - **Each container that grows**, and **with, or it is a leak**: a rule without its guards is right about the hazard and
#   wrong about the mending. People mend, are reported again, and mute.
# - **Everything** finds all. In the corner below to the right stands the linter that is muted first. **Nothing** has no false
#   finding, and no true one: it stands at the bottom left, for nobody reads a linter that never speaks.
# - **One finding a file** is polite, and leaves the second hazard for the next incident.
#
# ## What no rule can see
#
# Two right repairs of other labs, and beside each a wrong one that changes a number in it, and loses a check of its lab by
# that. What do your rules say to them?

# %% breakfix={"id": "undecided"}
lab.undecided()

# %% [markdown]
# In both rows the findings are the same. A bound of 60 is a bound, and a lease of 0.2 s is a lease. Whether they are right
# is a matter of rates and times, which are not in the text. The same holds for an index in the wrong order, a key for each
# attempt, and jitter that does not help. Load tests, canaries, runbooks and reviews exist for these: a linter does not
# replace them, and is not bad because it does not.
#
# ## What no rule can see, a runbook can stop
#
# > **Pager, 20:41, on-call of the town.** *Orders fail.* Two of five requests are not answered. All processes are up.
# > **20:43.** It is payments, as always. I restart it.
# > **20:58.** It did not help. It was something else this time.
#
# A town of seven services and a bank sells things: `gateway`, `catalog` and `recs` for its pages, and `orders`, which writes
# into the `store` and asks `payments`, which asks the bank. Each of them passed the linter. 20 requests come in a second,
# eight of them orders; the bank takes 25 charges a second; `orders` makes up to four attempts of 0.8 s at a charge.
#
# There is one page for it, *orders fail*, and there are three causes behind it:
#
# - `stall`: the bank stands still for some 16 s. Meanwhile payments keeps each attempt in its queue, and nobody waits for
#   most of them when the bank is back. Four attempts for each order are more than the bank takes: it does not end.
# - `crowd`: one client, `market`, imports 60 orders a second for some 13 s, beside its usual one in ten.
# - `slow_store`: a change lets the store wait for a second replica, 1.9 s for each order, until somebody takes it back
#   (`SYNC`, which is 0 on other evenings). Payments has nothing to do with it.
#
# A runbook says what the operator does then. Here it is data: prose for people, and between it blocks that a bot plays, a
# line for each item. The bot looks at the figures of the last 2 s, every 0.5 s; it begins 2 s after the page, and does one
# step at a time. This is the one that the team has.

# %% breakfix={"id": "given-runbook"}
lab.given()

# %% [markdown]
# It is played on an evening on which the bank stands still. How many of the requests that would have failed without an
# operator does it save, in percent?

# %% breakfix={"role": "predict", "id": "predict-saved", "blank": "lab.predict(\"saved by a restart\", None, \"%\")"}
lab.predict("saved by a restart", 60, "%")

# %% breakfix={"id": "given-stall"}
lab.evening("stall", "given")

# %% [markdown]
# The restart empties a queue that fills again while the bank stands; when the bank is back, the new queue keeps it busy. And
# `TIMEOUT_S` stays at 2 for ever. On the two other evenings:

# %% breakfix={"id": "given-crowd"}
lab.evening("crowd", "given")

# %% breakfix={"id": "given-store"}
lab.evening("slow_store", "given")

# %% [markdown]
# On the third evening it restarts a service that was well, and adds its own failures to those of the store.
#
# Which figures tell the three apart, while the page says the same of all? Without an operator, 5 s after each cause began:

# %% breakfix={"id": "signs"}
lab.signs()

# %% [markdown]
# Errors and waiting times do not. One line belongs to the crowd alone, one to the slow store, and one says whether the bank
# takes anything up.
#
# ## Write the runbook
#
# The cell below is the second thing that you hand in; it is graded apart from the linter, and either counts without the
# other. The words:
#
# | line | meaning |
# |---|---|
# | `page METRIC OP VALUE for N s` | what calls the operator, one for each runbook |
# | `step NAME` | begins a step; without `expect` it is over at once |
# | `do ACTION` | `restart SERVICE` (2 s), `set SERVICE KEY VALUE`, `shed SHARE` of all, `shed SHARE client NAME` |
# | `expect METRIC OP VALUE for N s within N s` | what the step leads to; a step without `do` is a question |
# | `then ACTION`, `undo ACTION` | gives back what was taken, if the expectation was met, or was not |
# | `done`, `else goto STEP` | if it was met, the runbook ends here; if not, it goes on there, else at the next step |
#
# The metrics are those of the table above, and `answered`, `in_flight`, `shed`, `calls_per_request(LINK)`, `rate(LINK)` and
# `queue_depth`, `event_loop_lag` and others `@SERVICE`; docs/runbooks.md lists all. You may restart `gateway`, `catalog`,
# `orders`, `payments`, `store` and `recs`, and not the bank. A restart forgets what was set. Settings: `orders` has
# `ATTEMPTS` (4), `TIMEOUT_S` (0.8), `STORE_TIMEOUT_S` (1.5) and others; `payments` `BOUND` (0: none), the charges that may
# wait; `store` `SYNC`. `shed 0` ends what is refused of all, and `shed 0 client market` what is refused of the market.
#
# What is asked of it, on evenings like these at other times, some longer and some shorter:
#
# - `recovers`: at most 12 s after the cause is gone, nine of ten requests are answered in each moment, for all causes.
# - `budget`: of the requests that fail without an operator, at most 70 % fail with it, for each cause. What the market
#   imports too many is not counted.
# - `leaves_nothing`: when the load ends, each setting has its first value and nobody is refused. In the last 10 s the bank
#   declines a charge in five; retries hide that, as before: 95 % of these orders are confirmed.
# - `pages_right`: the page comes within 7 s from the beginning of each cause. It does not come when all is well, with single
#   errors, nor when `orders` is deployed anew, which costs a few requests in one second.
# - `branches`: no service is restarted or set that is well: in `stall` and `crowd` all but `payments` and `orders`, in
#   `slow_store` all but `store`. And nobody refuses requests of all; the market may be refused, for a look too.
# - `no_harm`: somebody starts the runbook by hand when all is well. At most 1 % of the requests of this evening fail.

# %% breakfix={"role": "operator"}

# %% [markdown]
# Play it on each cause, and on the evening of a deploy:

# %% breakfix={"id": "yours-stall"}
lab.evening("stall")

# %% breakfix={"id": "yours-crowd"}
lab.evening("crowd")

# %% breakfix={"id": "yours-store"}
lab.evening("slow_store")

# %% breakfix={"id": "yours-deploy"}
lab.evening("deploy")

# %% [markdown]
# The first of the next cells plays it on eight evenings, on three seeds: up to a minute.

# %% breakfix={"role": "check", "check": "recovers"}
lab.check("recovers")

# %% breakfix={"role": "check", "check": "budget"}
lab.check("budget")

# %% breakfix={"role": "check", "check": "leaves_nothing"}
lab.check("leaves_nothing")

# %% breakfix={"role": "check", "check": "pages_right"}
lab.check("pages_right")

# %% breakfix={"role": "check", "check": "branches"}
lab.check("branches")

# %% breakfix={"role": "check", "check": "no_harm"}
lab.check("no_harm")

# %% [markdown]
# The runbooks that most people write, and yours:

# %% breakfix={"id": "books"}
lab.books()

# %% [markdown]
# - **Restart first, then ask** costs two seconds of orders, also when payments is well, and is lost when the bank still
#   stands.
# - **Refuse nine of ten of everybody** ends a crowd, at the cost of all who did nothing.
# - **More time** makes each order in the queue wait longer for an answer that nobody reads.
# - **Retries off, for ever** has good figures on the evening of the outage. The next single errors reach the customers.
#
# Played by the same bot on real processes, with your runbook; a minute of real time:

# %% breakfix={"role": "live", "id": "live-stall"}
live_evening = lab.run(scenario="stall", world="live")
lab.both_evenings(lab.run(scenario="stall"), live_evening)

# %% [markdown]
# ## Into the tools of a team
#
# flake8 loads rules of one's own as a *local plugin*: a class that is given the tree, and whose `run()` yields line, column,
# text and class. The next cell makes one of your rules, and calls it as flake8 would.

# %% breakfix={"id": "plugin"}
import types

fix = types.ModuleType("fix")
exec(compile(lab.repair().source, "fix.py", "exec"), vars(fix))


class Hazards:
    """A plugin for flake8."""

    name, version = "hazards", "1.0"

    def __init__(self, tree):
        self.tree = tree

    def run(self):
        for code, rule in fix.RULES.items():
            for line, told in rule(self.tree):
                yield line, 0, f"{code} {told}", type(self)


source = "from time import sleep as pause\n\nasync def tick():\n    pause(1)\n"
for line, column, text, _ in Hazards(ast.parse(source)).run():
    print(f"tick.py:{line}:{column}: {text}")

# %% [markdown]
# In the configuration of flake8 this is one line under `[flake8:local-plugins]`, `BF = hazards:Hazards`. flake8 counts a
# `noqa` without a reason, too; your gate is stricter.
#
# ## Prevent
#
# A linter that is slow is switched off as well. Set an alert for the time that its answers take. It looks at the longest wait
# of each second, in four runs of about ten seconds in all:
#
# - `review`: small files. It must be quiet.
# - `hiccup`: somebody writes a long file, and asks about it twice a second. Once the network stands still for a moment, and
#   one answer is late. It must be quiet.
# - `slow_rule`: the same long file, and from second 4 on the linter has a rule more, of a colleague. For each function it walks
#   the whole file. It must page.
# - `slow_rule_shorter_file`: the same rule, and a file with fewer functions. It must page, too: the next file is longer.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(slower_ms=None, for_s=1)"}
lab.alert(slower_ms=20, for_s=2)

# %% [markdown]
# Put the rule into the diagnosis, as `"alert": {"slower_ms": ..., "for_s": ...}`, and run that cell again. Then the diagnosis
# is whole; it is judged on five records with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# A rule that walks within a walk is mended in the rule, not in the alert: collect once what each node is asked for.

# %% [markdown]
# In review, ask four questions of every new rule: what are its twins, how many of its findings in our own code are true,
# what does it stop that was there before, and what does a mute have to say?
#
# ## Runbook entry
#
# The next team will introduce a rule of its own. Write the entry for it: how is a rule introduced without being muted, and
# what is done when a post-mortem names a hazard that was muted? Five headings, a few lines each. This cell is graded by
# hand; if you study alone, compare with the one in `solutions/lab13_hazards/lab13_hazards.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## Further reading
#
# - The documentation of `ast` in the standard library, and *Green Tree Snakes*, which shows each node with the source that
#   makes it.
# - flake8: *Writing Plugins for Flake8*, and its section on local plugins.
# - C. Sadowski and others: *Lessons from Building Static Analysis Tools at Google*, Communications of the ACM, 2018: what is
#   reported at which moment, and when developers call a finding false.
# - A. Bessey and others: *A Few Billion Lines of Code Later*, Communications of the ACM, 2010: why a rule that is right is
#   ignored.

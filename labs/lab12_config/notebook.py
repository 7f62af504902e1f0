# %% [markdown]
# # lab12. Twenty minutes for one number
#
# > **Pager, 10:02.** Orders fail, nine of ten. The bank answers 429: too many calls at once.
# > **10:03.** The bank, by phone: four at once from now on, for today. Whoever comes with more is blocked for a second.
# > **10:04.** The operator has written `"limit": 4` into `shop.json`. Nothing changes. The image takes twenty minutes.
#
# You will find where the number comes from, and build what lets it change while the shop runs: a file that is read, checked and
# put in force as a whole, or refused with a reason. Most people's first repair reads the file for each order. By the end you
# will know what that costs.
#
# Plan for about 40 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab12_config")

# %% [markdown]
# ## The system
#
# ```
# customers --40 orders a second--> shop ---> bank
#                                    ^
#               operator, shop.json --
# ```
#
# - The **shop** charges each order at the bank: its price, plus a fee. Limit, timeout, fee and currency stand in its image.
# - The **bank** takes 80 ms for a call. Up to second 3 it takes any number of calls at once; from then on, **four**. Whoever
#   comes with more is answered 429, for a second.
# - At second 5 the **operator** writes a new `shop.json`: a limit of 4, a timeout of 0.5 s, another fee and currency. From
#   second 6 on it should be in force; a block by the bank may last until second 7.
# - After the load the bank answers nobody any more, and the operator makes seven orders at once: how long does the shop wait?
#
# Three real aiohttp services run this code, each in a process of its own, in a *simulated world*: clock and network are
# virtual, files are real. So the numbers are the same on every machine.
#
# This is the code under repair:

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next two cells before you run them. Nobody scores them.
#
# 1. The operator's file is there from second 5 on. What share of the orders from second 7 on fails, in percent?
# 2. On average, 40 orders a second x 80 ms = 3.2 calls are under way. How many are so at most, from second 6 on?

# %% breakfix={"role": "predict", "id": "predict-failed", "blank": "lab.predict(\"failed after the file\", None)"}
lab.predict("failed after the file", 20)

# %% breakfix={"role": "predict", "id": "predict-calls", "blank": "lab.predict(\"calls at once after the file\", None)"}
lab.predict("calls at once after the file", 16)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.limits(broken)
lab.signals(broken)

# %% [markdown]
# On average the shop needs fewer than the four calls that it may make. But orders come by chance; again and again a fifth is
# under way, and the bank blocks the shop for a second. A fifth is enough, so a sixth is never under way for long. The file
# changes nothing.
#
# ## The same, live
#
# The next run starts the same services as ordinary processes on real sockets, with a real file. It takes about 20 seconds. The
# chart shows both runs in one.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# From here on the page uses the simulated world. `lab.dashboard("broken")`, in a cell of your own, shows a live run while it
# goes on (`docs/dashboard.md`).
#
# ## Down to the line
#
# A CPU profile says nothing here: the shop is idle. Ask instead, for each setting, what the file says, what is in effect as
# others see it, and where that value stands. And ask Python who opens the file: an audit hook (`sys.addaudithook`) hears of
# each `open`.

# %% breakfix={"id": "in-force"}
lab.in_force(broken)

# %% [markdown]
# The values in effect are those of the image, each a constant with a line; two of them went into a session that was made once.
# A new value needs a new process, with a new image. (The limit of 16 is never reached: the bank blocks the shop before.)
#
# ## Why not read the file for each order?
#
# Because somebody writes it. The next cell rewrites a file on your disk while it is read, for a second in each of two ways.
# **Predict first:** how many of a hundred reads find no whole file, because it is empty or torn?

# %% breakfix={"role": "predict", "id": "predict-torn", "blank": "lab.predict(\"torn reads\", None, \"% of reads\")"}
lab.predict("torn reads", 1, "% of reads")

# %% breakfix={"role": "live", "id": "torn"}
lab.torn()

# %% [markdown]
# A file that is opened for writing is empty first, and then half there: each reader can meet it so. With `os.replace` a reader
# finds the old file or the new one. But you do not choose how others write. Half a JSON object is never a JSON object, so half
# a file can be told from a whole one; half a YAML file often cannot.
#
# The same in the shop: forty files in eight seconds, every second one rewritten in place, and a repair in which each order reads
# the file, and so do `enabled()` and `status()`. The errors name the line that parses, the table the line that opens:

# %% breakfix={"id": "reads-each-order"}
each = lab.run("wrong_reads_each_order", scenario="reloads")
lab.reads(each)

# %% [markdown]
# ## Diagnose
#
# Some of the answers are in a record of your own: the same incident with a seed that you choose, so the orders have other names
# than on this page. The second table has calls to the bank, the first twenty from `from_s` on. A block lasts a second: if all of
# them were answered 429, begin later, where the chart shows confirmed orders. `failed=False` lists those answered 200 alone.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None)\nlab.limits(mine)\nlab.requests(mine, from_s=6, link=\"shop->bank\")"}
mine = lab.own(2015)
lab.limits(mine)
lab.requests(mine, from_s=7, link="shop->bank")

# %% [markdown]
# A block begins with the first call that is answered 429 after others were answered 200. `lab.calls(mine, "order-...")` shows
# which calls were under way when that of one order came.

# %% breakfix={"role": "answer", "id": "own-order", "blank": "# lab.calls(mine, \"an order\")"}
lab.calls(mine, "order-633498059450")

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The cell checks the *form* at once;
# `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "calls_at_once": 5,
    "reads": 0,
    "cause": "values that the process has read once, when it began",
    "line": 7,
    "seed": 2015,
    "one_too_many": "order-633498059450",
    "just_allowed": "order-89284009478",
    "alert": {"signal": "age", "above": 1, "for_s": 1},
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the class `Shop` and its methods; everything inside may change, and you may add what you like.
#
# `shop.json` is at `self.path`. It is one JSON object in UTF-8, with exactly these keys, each once:
#
# | key | what it is |
# |---|---|
# | `version` | a text of 1 to 64 characters |
# | `limit` | calls to the bank at once for orders of this file, all customers together: a whole number from 1 to 64. Orders of older files that are still under way may count, too, or not: as you like |
# | `timeout_s` | how long an order may take at the bank, waiting for a free call included: a number from 0.05 to 5; 1 is one, too |
# | `fee_cents` | a whole number from 0 to 10,000 |
# | `currency` | "EUR", "USD" or "GBP" |
# | `flags` | an object: the name of a flag, and its object with exactly `on` (true or false) and `percent` (a whole number from 0 to 100) |
#
# What must become true:
#
# - A file that was written is **in force within a second**, all of it: limit, timeout, fee, currency, flags. The process stays
#   the same. A file is new when anything in it is: somebody in a hurry changes a flag,
#   or the limit, and leaves the `version` as it was.
# - Each order is made of **one version**: what the bank is asked for, fee, currency and version in the answer, and the
#   `version` in each line that you log for the order (with its `request_id`), also after the call, and when the order fails.
#   There is at least one such line.
# - **No order is lost** when a new file comes, and none is charged twice: an order under way keeps its own timeout, also if
#   the new one is shorter. An old file may be put back while orders of it are still under way.
# - The bank may have charged an order whose connection it drops: that order fails, and is **not sent again**.
# - Connections of old versions are closed once their last order is over, or at once if none is under way. An order that failed is
#   over, too: late, cut off, or refused by the bank.
# - A **bad file changes nothing**: the last good version stays in force, whatever stands in the file or in its place. Eighty
#   kinds come: torn, empty, no JSON, nested without end, another encoding, a wrong type in each field (`true` is no number, 1
#   is not `true`, and a list or null may stand anywhere), a number out of its bounds or of 400 digits, NaN, a key that is
#   unknown, missing or there twice, a directory, a link to itself, a file without permission, none at all. Good files come
#   between them, with values at both ends of what is allowed.
# - `status()` **says so**: `version` is the version in force; `refused` rises with each file that is refused; `reason` says why
#   the file on the disk was refused, and names the field if there is one (or the unknown key); it is "" when that file is in
#   force. A bad file that comes again after another one, good or bad, counts again, and the file in force, put back after a bad
#   one, clears the reason. Half of a good file, met while it is written, may count or not.
# - The process is **killed and started again while the file is bad** or is not there, and also soon after a good file. It
#   starts on what was in force before, all of it. Files that you write in the working directory stay. The process may also be
#   killed while it writes one: then half of that file is there, and the last version, or the one before, must still be found. A
#   good file that was written while the process was down is in force after the start. What is in force if there never was a
#   good file, nobody asks.
# - `enabled(flag, user)`: nobody has a flag that is off or not in the file; at 0 % nobody, at 100 % everybody. The **share** of
#   users is right, also at 1 % and at 99 %, and they are always the same: in each version, in each process. When the share
#   grows, nobody loses the feature. Who has one flag says nothing about who has another: with two flags at 50 %, a quarter of
#   the users have both. A user's name may be written in any script. Switched off, it is off **within a second**, also if a bad
#   file came just before.
#
# What you can use:
#
# - A file is written in place, replaced, or put back from an older copy. Then its time is *older* than that of the file before.
#   After each write the shop's agent sends SIGHUP, if you have a handler for it.
# - `asyncio.create_task` in `start()`; `stop()` ends what you began. If `start()` raises, it is called again on a new `Shop`
#   0.2 s later, and orders fail meanwhile.
# - `json.loads(text, object_pairs_hook=..., parse_constant=...)` hears of keys that stand there twice, and of NaN.
# - `session.close()` cuts off the calls that are under way.
# - In the simulated world the loop hears of sockets alone, so inotify with `loop.add_reader` does not work. Look at the file, or
#   take SIGHUP.
# - `hash()` of a text is another number in each process. `hashlib` and `zlib.crc32` are not. But the upper bits of
#   `crc32` alone do not mix: for flags whose names have one length, they give the same users or just the others.
#
# Run the cell to save it. A syntax error, or a missing class or method, is shown at once; an error at run time is named
# under the next `lab.run()`. `lab.history()` lists earlier versions, `lab.restore(2)` brings one back, `lab.reset()` starts
# over. Stuck? `lab.hint()` opens one hint at a time, and nobody counts them against you.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.limits(broken, after)
lab.signals(broken, after)
lab.in_force(after)

# %% [markdown]
# The dotted line is the file, the dashed one what the bank allows. With the limit in force, a fifth order waits a moment in the
# shop, and nobody is blocked.
#
# Forty files in eight seconds, while orders are under way. Then fifteen more: a shorter timeout while calls are under way at a
# slow bank, their own file put back meanwhile, a timeout that expires after the next file has come, and ten files while no
# order is there. On the left is the repair in which each order reads the file. While the file is torn it names the version of
# its image; the age in the table counts from the first file after the version that is named, and so is long. Some of the
# operator's orders fail with every repair: three whose file allows less than the slow bank takes, two of which the bank drops
# the connection, and four that it refuses. Above the table stands what the repair itself logs as an error:

# %% breakfix={"id": "after-reloads"}
lab.signals(each, lab.run(scenario="reloads"))

# %% [markdown]
# Eighty bad files, a good one before each eight, changes under an old version, and kills; in the end files that come again or
# are gone, and kills on these. The table counts each look at a file, so one that comes again counts again. Before and after a
# kill one order goes to a bank that never answers it, and fails with every repair. The table lists the files after which
# something was not as it should be; `lab.files(run, every=True)` lists all. The first table is of a repair in which an empty
# file means the values of the image, the second of yours:

# %% breakfix={"id": "after-bad"}
lab.files(lab.run("wrong_empty_is_defaults", scenario="bad"))
lab.files(lab.run(scenario="bad"))

# %% [markdown]
# And 1,500 users. On the left, a user's place is `hash()` of flag and name. It passes every test in one process:

# %% breakfix={"id": "after-flags"}
lab.users(lab.run("wrong_hash_of_text", scenario="flags"), lab.run(scenario="flags"), titles=("place by hash()", "your repair"))

# %% [markdown]
# ## Prove it
#
# Twelve graded checks, and three gates. A gate earns nothing; it takes points away from a repair that breaks something else.
# The first of these cells runs four scenarios on three seeds each, and one live run: 200 files on a real disk within five
# seconds, under load. Half a minute to a minute and a half; the others only read the result. The autograder has an order of the
# bad files, rates and moments of its own.

# %% breakfix={"role": "check", "check": "limit"}
lab.check("limit")

# %% breakfix={"role": "check", "check": "timeout"}
lab.check("timeout")

# %% breakfix={"role": "check", "check": "one_version"}
lab.check("one_version")

# %% breakfix={"role": "check", "check": "none_lost"}
lab.check("none_lost")

# %% breakfix={"role": "check", "check": "gone"}
lab.check("gone")

# %% breakfix={"role": "check", "check": "logs"}
lab.check("logs")

# %% breakfix={"role": "check", "check": "last_good"}
lab.check("last_good")

# %% breakfix={"role": "check", "check": "told"}
lab.check("told")

# %% breakfix={"role": "check", "check": "restart"}
lab.check("restart")

# %% breakfix={"role": "check", "check": "buckets"}
lab.check("buckets")

# %% breakfix={"role": "check", "check": "kill_switch"}
lab.check("kill_switch")

# %% breakfix={"role": "check", "check": "live"}
lab.check("live")

# %% breakfix={"role": "check", "check": "calm"}
lab.check("calm")

# %% breakfix={"role": "check", "check": "once"}
lab.check("once")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# ## What other repairs would have done
#
# Repairs that are proposed in nearly every review of such an incident, and yours. One to three minutes.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Each order reads the file**: the newest value, if it is whole; if it is half of one, the order fails. The limit does not
#   change, because the session was made with the old one.
# - **Values swapped, the session kept**: logs and answers name the new version, and the bank sees the old limit. A version that
#   is in the logs is not yet in force.
# - **The old session closed at once** cuts off the orders that use it. To repeat them is worse: the bank may have charged them
#   (`fixes/wrong_cut_off_and_repeated.py`).
# - **An idle session kept**: closed with its last order, and it had none when it was replaced.
# - **A look every five seconds** is a kill switch that takes five seconds.
# - **An empty file means the defaults**: a disk that was full takes the shop back to the day of its image.
# - **Bounds by `<` and `>` alone**: NaN is neither too small nor too large. `isinstance(True, int)` is true
#   (`fixes/wrong_bool_is_int.py`), and a timeout of 0 is none at all (`fixes/wrong_zero_timeout.py`).
# - **No copy of the last good file**: a bad file harms nobody until a process is started again, and then all of them.
# - **`hash()`** gives each process users of its own. The top of a `crc32` gives two flags the same users
#   (`fixes/wrong_crc_alone.py`).
#
# These and more are in `labs/lab12_config/fixes`, for you to run by name.
#
# ## Prevent
#
# Set an alert that says: *a file is not in force*. Choose the signal and the number above which somebody is paged: `"failed"`
# (the orders that fail, in % of those of the second) or `"age"` (of a file that is not in force, in seconds). With the broken
# code, the rule must be quiet when a file is taken back within a second (`taken_back`), and when the bank allows one call at
# once for a moment and nobody has written a file (`bank`). It must fire when nobody reads a file though all orders are
# confirmed (`unread`), and in the `incident`. The last two rows have the reference repair, which reads files. Six runs, up to
# half a minute.
#
# First try the signal that most dashboards have:

# %% breakfix={"id": "alert-failed"}
lab.alert(signal="failed", above=10, for_s=2)

# %% [markdown]
# A file that is refused, or that nobody reads, is silent: all orders are confirmed, on old values. Find a better rule. A file
# should be in force within a second: a rule below that pages for one that is on its way; each second above it is one in which
# nobody knows.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(signal=None, above=None, for_s=1)"}
lab.alert(signal="age", above=1, for_s=1)

# %% [markdown]
# Put the rule into the diagnosis, as `"alert": {"signal": ..., "above": ..., "for_s": ...}`, and run that cell again. Then the
# diagnosis is whole; it is judged on four simulated records with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# In review, ask of every constant: who must change it in an incident, and how long does that take? Ask of every setting: what is
# made with it once, and lives on? And ask of every file that is read: who writes it, and what does a reader find meanwhile?
#
# One file for all processes is one change for all users at once. A share of users, a second process that reads a file of its
# own first, and an automatic way back are what lab11 is about.
#
# ## Runbook entry
#
# Write it for the colleague who is paged next time and has not read this page: which number, which file, what to do if the file
# is refused, and what not to do. Five headings, a few lines each. This cell is graded by hand; if you study alone, compare with
# the one in `solutions/lab12_config/lab12_config.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: Cloudflare, 2025
#
# A file of features for a model was made anew every five minutes by a query. A change of permissions made the query return
# duplicate rows on those database nodes that had got the change; the file was then larger than the limit of 200 in the proxy,
# which failed ([digest](https://news.cgast.org/news/34804)). The change was at 11:05, the first errors at 11:20
# ([digest](https://everywan.com/en/blog/cloudflare-global-outage-november-18-2025)), core traffic was back at 14:30
# ([a translation of the post-mortem](https://vonng.com/en/cloud/cf-ck-down)).
#
# **Predict first:** the change reaches one node after the other. What does the chart of errors look like?

# %% breakfix={"id": "outage-cloudflare-2025"}
lab.outage("cloudflare_2025")

# %% [markdown]
# A file that is made by a machine is input, too. A right repair of this page keeps the last good configuration if a new one is invalid;
# that is the last column. Errors that come and go in a fixed rhythm are a signal of their own: something is made anew in that rhythm.
# One proxy stands here for a network, and a node with the change answers 240 rows, a number that we chose.

# %% [markdown]
# ## In public, in all regions: Google Cloud, 2025
#
# A policy with blank fields was copied to all regions within seconds, and the checker crashed in each of them
# ([quoted here](https://a.stacker.news/items/1006306)). After 40 minutes the new code path was switched off, and smaller
# regions were back ([digest](https://www.besthub.dev/articles/what-caused-google-cloud-s-massive-june-2025-outage-and-what-we-can-learn-44cd2ed292a4)).
# The largest needed 2 h 40 min: its tasks restarted together, and overloaded the store from which they read their policies.

# %% breakfix={"id": "outage-google-2025"}
lab.outage("google_2025")

# %% [markdown]
# A rule that is valid everywhere at once has no canary. And the restart has a cost of its own: all tasks of the large region ask
# in step, most give up, and come back in step. With jitter, the last column, the crash is the same and the herd is gone. Our
# tasks are marked as down in place of a crash, and nobody throttles them.

# %% [markdown]
# ## Further reading
#
# - *Site Reliability Engineering* (O'Reilly, 2016), chapter 8, "Release Engineering"; *The Site Reliability Workbook* (2018),
#   chapters 14 and 15 on configuration.
# - C. Tang et al.: *Holistic Configuration Management at Facebook*, SOSP 2015.
# - P. Hodgson: *Feature Toggles (aka Feature Flags)*, martinfowler.com, 2017.
# - T. S. Pillai et al.: *All File Systems Are Not Created Equal*, OSDI 2014, on what a replaced file survives.
# - Python documentation: `json` (infinite and NaN values, repeated names), `os.replace`, `sys.addaudithook`.

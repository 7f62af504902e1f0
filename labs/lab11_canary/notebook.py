# %% [markdown]
# # lab11. A bad release reaches everyone
#
# > **Pager, 10:41.** Checkout: 26 % of page views fail. Release 4.2.0 went out to everybody at 10:40.
# > **10:42.** It was a canary release: a tenth of the users first, then half. The release controller saw nothing.
# > **10:43.** Last week the same controller halted a good release, because the database was slow that day.
#
# You will watch a bad release go out, find why the controller could not see it, write a controller that can, and prove it: on
# real services, and on 2,200 releases of which you do not know which are bad. Most people's first repair is a lower
# limit. By the end you will know why no limit is right.
#
# Plan for about 45 minutes. Run the cells from top to bottom; those that take more than a few seconds say so beforehand.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab11_canary")

# %% [markdown]
# ## The system
#
# ```
#                              +--> stable   (the old version)
# users --40 a second--> router
#                              +--> canary   (the new version)
#
# monitor: each second reads the counters of both versions, asks the controller, tells the router the new share
# ```
#
# - The **router** sends each request to one of two versions of the same service. The **share** says how many of the users are
#   to get the new one.
# - The **monitor** reads each second what both versions counted: requests, errors, and a histogram of times, by region. A
#   version that does not answer has counted nothing.
# - The **controller** is asked with these counts, once a second, and answers with a share, a halt or a rollback. It ends when
#   it answers `1.0`: everybody has the new version, and there is nothing left to compare it with.
#
# About 1 % of requests fail in either version; that is normal here. In the *bad* release, a quarter of the new version's
# requests fail beside that. Real aiohttp services run this code in a *simulated world*: clock and network are virtual, so
# half a minute passes in seconds, and the numbers are the same on every machine.
#
# The code under repair has two halves: `Controller` runs in the controller, `in_canary` in the router.

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# Put your numbers in place of `None` in the next two cells before you run them. Nobody scores them.
#
# 1. What share of the users will have had the bad version after 30 seconds, in percent?
# 2. A good release: 1 % of its requests fail, and ten requests a second reach it. An alert fires when more than 5 % fail in
#    any second. How many of 100 good releases does it stop within a minute?

# %% breakfix={"role": "predict", "id": "predict-reached", "blank": "lab.predict(\"users who got the new version\", None)"}
lab.predict("users who got the new version", 10)

# %% breakfix={"role": "predict", "id": "predict-stopped", "blank": "lab.predict(\"good releases stopped\", None, \"%\")"}
lab.predict("good releases stopped", 5, "%")

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.release(broken)

# %% [markdown]
# The dashed line in the upper chart is what the team's dashboard shows: both versions together. While a tenth of the users
# had the new version, where was that line, and where was the new version's own, on average? (Users who did not come again
# after second 21 never got the new version; so it did not reach all of them.)
#
# ## The same, live
#
# The next run starts the same services as ordinary processes on real sockets and sends the same requests in real time. It
# takes about 35 seconds. The chart then shows both runs in one.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# From here on the page uses the simulated world.
#
# ## The signals

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# Compare the row of the first ten seconds: a tenth of the users had the new version. Whoever adds the two up sees a slightly
# bad day.
#
# ## Down to the line
#
# A CPU profiler shows an idle controller. What went wrong is a decision, so look at the decisions: for each second, what the
# controller answered, from which line, and what there was to see.

# %% breakfix={"id": "trace"}
lab.trace(broken)

# %% [markdown]
# The comparison with `LIMIT` was made in each of these seconds, and was never true. Nothing in the code asks *which version*
# an error belongs to, although the counts say so. And it adds up since the start, as the last column does: the good seconds of the
# beginning hide the bad ones for as long as they last.
#
# The router's half has a fault of its own. These are the users who changed versions most often:

# %% breakfix={"id": "visits"}
lab.visits(broken)

# %% [markdown]
# Each request is drawn anew. A user who got the bad version may get the old one after a reload, and the bad one again after
# the next. With each click a tenth of the *requests* reaches more of the *users*.
#
# ## How hard can it be to tell 1 % from 5 %?
#
# Before you write a controller, see what tests do that people write every day. The next cell draws 4,000 good releases and
# 4,000 bad ones, with ten requests a second for the new version, and tries each test on all of them. The first row is your
# second prediction.

# %% breakfix={"id": "tests"}
lab.tests()

# %% [markdown]
# - **A limit in any second** stops nearly all good releases: of ten requests, one failure is already 10 %.
# - **p < .05 means one false alarm in twenty looks.** Whoever looks each second has sixty chances. Most of what each look sees
#   was seen by the last one, so it is not twenty times as bad, only several times.
# - **A stricter p** helps, at the price of seconds. **One look** after a minute is honest, but all users wait for it, and
#   those who have a bad version wait as well.
# - **The likelihood ratio** asks for each request: how much more likely is this outcome, if the version is bad? The factors
#   are multiplied until the product is above 100. A good version gets there at most once in a hundred releases, *however
#   often one looks*. That is Wald's sequential test.
# - **One user in a hundred** is careful, and nearly blind: ten times fewer requests take ten times as long, and most bad releases
#   are not seen within the minute.
#
# These tests know that a good version fails in 1 % and a bad one in 5 %. Yours does not: the rates change with the hour, the
# region and the database. But it has something better, the old version in the same second. Suppose that in one second and
# region the old version gets 90 requests and the new one 10. If both are alike, each failure is the new one's with a chance of
# 10 in 100, *whatever* the failure rate is just now. If the new one fails four times as often, it is 40 in 130. So each failure
# is a coin with two known chances, and Wald's product can be formed without knowing any rate.
#
# Whoever keeps several such products, one for each thing that can be wrong, has several chances of a false alarm, and needs
# a higher bound for each.
#
# ## Eleven kinds of releases
#
# Real releases are not so tidy. The fleet draws 200 releases of each of eleven kinds, as counts, with 100 requests a second.
# Four kinds are good, six are bad, and one falls silent:
#
# | kind | what happens |
# |---|---|
# | good | 1 % of requests fail, 2 % take more than 250 ms, in both versions |
# | good, noisy | these rates change every five seconds, between 0.3 and 6 times as much, in both versions alike |
# | both versions bad | for half a minute 30 % fail and 30 % are slow, everywhere or in one region, in both versions alike |
# | better than the old one | 5 % fail and 5 % are slow in the old version, 1 % and 2 % in the new one |
# | bad at once | 4 % of the new version's requests fail beside the usual ones |
# | slow burn | it begins between second 5 and 15; then 0.2 % more fail with each second, up to 8 % |
# | bad in one region | a quarter of the requests fail in one of three regions, which have 60 %, 35 % and 5 % of the requests |
# | bad under load | 6 % fail, but only from a share of 40 % on |
# | slow, no errors | 8 % more take over 250 ms, some of them or all or none over a second; none fails |
# | bad on a bad day | 10 to 30 % fail, and are slow, in the old version, all day long; three times as many fail in the new one |
# | falls silent | it counts nothing from its first user on, or from some share or some second on; its users wait in vain |
#
# A release that is still undecided after 150 s is left with its share. Each request that fails, or is slow, because
# of the release counts as one user harmed. A bad release that is let out, halted or left undecided goes on harming users for a minute: then
# people notice. One that is rolled back harms nobody any more. The broken controller, on all of them:

# %% breakfix={"id": "fleet-broken"}
lab.fleet("broken")

# %% [markdown]
# ## Diagnose
#
# Some of the answers are in a record of your own: the same release with a seed that you choose, so users and requests have
# other names than on this page.

# %% breakfix={"role": "answer", "id": "own", "blank": "mine = lab.own(None)\nlab.requests(mine, failed=True, link=\"router->canary\")"}
mine = lab.own(2015)
lab.requests(mine, failed=True, link="router->canary")

# %% [markdown]
# These are requests that the new version failed; `failed=False` lists those that it answered. `lab.visits(mine, "request-...")`
# names the user who sent one of them, and shows all requests of that user.

# %% breakfix={"role": "answer", "id": "own-user", "blank": "# lab.visits(mine, \"a request's id\")"}
lab.visits(mine, "request-557799083644")

# %% [markdown]
# Replace each `None` in the next cell; `alert` has time until you come to "Prevent". The cell checks the *form* at once;
# `lab.check("diagnosis")`, below "Prevent", judges the answers, after the first verdict on a repair of yours.

# %% breakfix={"role": "diagnosis"}
{
    "blind_by": "both versions are counted together",
    "mixed": 3.5,
    "line": 34,
    "seed": 2015,
    "back": "user-416918991755",
    "kept": "user-284225477760",
    "alert": {"times": 5, "for_s": 3},
}

# %% [markdown]
# ## Repair
#
# The cell below is `fix.py`. Keep the names `Controller`, `decide` and `in_canary`; everything inside may change, and you may
# add what you like.
#
# - Each release has a `Controller` of its own; `self` lives as long as the release. One process holds the controllers of many
#   releases at once.
# - `decide(now)` is asked once a second. `now.share` was the share in that second; it is 0 at first. `now.stable["eu"]` and
#   `now.canary["eu"]` are what each version counted in that region in that second: `.requests`, `.errors`, and `.times`, a
#   histogram with four buckets: up to 100 ms, up to 250 ms, up to 1 s, and more. A failed request has a time as well, so the
#   four add up to the requests. The regions are `eu`, `us` and `ap`.
# - It answers a number from 0 to 1: the share from now on; `1.0` lets the release out and ends it. Or `"rollback"`: share 0,
#   the end. Or `"halt"`: the end, and the share stays as it is. Nothing else is a decision.
# - A release that breaks under load does so at 40 % of the users or more: stay there for as many seconds as your test needs to
#   see it. A good release is out within 150 s.
# - An incident that hits both versions, everywhere or in one region, is not the release's fault: a good release is neither
#   halted nor rolled back for it. Nor is a good release stopped for being *better* than the old version. But a release that
#   makes the incident worse is bad.
# - A version whose host is cut off, or never came up, counts nothing in any region, while its users wait in vain. That is not
#   health: roll back within ten seconds, whenever in the release it happens. But with few users on the new version, a second
#   without a request is chance: think of how many requests are due. (What to do when the *old* version is silent is not asked.)
# - `in_canary(user, share)` says whether a user gets the new version. It is asked for each request, with a share between 0
#   and 1. Whoever has the new version keeps it: at the next request, when the share grows, and in a router that was started again
#   in the middle of the release. And the new version gets about the share of the users that was decided. The controller may
#   also lower the share; then some of them lose it.
#
# numpy and the standard library are there. Run the cell to save it. `lab.history()` lists earlier versions, `lab.restore(2)`
# brings one back, `lab.reset()` starts over. Stuck? `lab.hint()` opens one hint at a time.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.release(broken, after)
lab.signals(after)

# %% [markdown]
# And what becomes of the eleven kinds with your controller, some ten seconds:

# %% breakfix={"id": "fleet-yours"}
lab.fleet()

# %% [markdown]
# ## Prove it
#
# Six graded checks, and five gates. A gate earns nothing; it takes points away from a repair that breaks something else. The
# first of these cells runs four scenarios on three seeds each, up to a minute; the others only read the result. The
# fleet's releases are other ones on each seed, and again others when the autograder draws them.
#
# Error rates are graded with their confidence: not the rate that was counted, but the worst that it could well be (95 %,
# after Clopper and Pearson). So neither luck nor bad luck decides: of 800 good releases up to 9 may be stopped, and of 1,200
# bad ones up to 15 may get through. A bad release may harm 40 users on average. Of those that fall silent, at most 2 % may
# have users 15 s later.
#
# The other scenarios have real services. In `bad` the release of this page must have no user left from second 22 on; in
# `silent` the new version's host is cut off some seconds after the start, and nobody may be sent there from second 16 on; in
# `good` the router is killed and started again. `lab.run(scenario="silent")` shows one of them.

# %% breakfix={"role": "check", "check": "lets_through"}
lab.check("lets_through")

# %% breakfix={"role": "check", "check": "caught"}
lab.check("caught")

# %% breakfix={"role": "check", "check": "harmed"}
lab.check("harmed")

# %% breakfix={"role": "check", "check": "rolled_back"}
lab.check("rolled_back")

# %% breakfix={"role": "check", "check": "silence"}
lab.check("silence")

# %% breakfix={"role": "check", "check": "sticky"}
lab.check("sticky")

# %% breakfix={"role": "check", "check": "gets_out"}
lab.check("gets_out")

# %% breakfix={"role": "check", "check": "split"}
lab.check("split")

# %% breakfix={"role": "check", "check": "decides"}
lab.check("decides")

# %% breakfix={"role": "check", "check": "served"}
lab.check("served")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% [markdown]
# ## What other controllers would have done
#
# Controllers that are proposed in nearly every review, and yours, on the same releases. Up to a minute.

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **A lower limit** sees the bad releases, and stops the good ones.
# - **Yesterday's rate** is no control. In an incident the old version fails as well, and only the old version beside the new
#   one, in the same second, shows that.
# - **A sum over regions** hides the region with a twentieth of the users; **errors alone** hide what is late; **a tenth of the
#   users** hides what breaks at a half. What is not compared is not seen.
# - **A halt** catches as many, and harms more users than the rollback: who has the bad version keeps it.
#
# The same controllers as points, by their two errors. The dashed line is what the best test of *one* count needs for releases
# that are bad at once, on a tenth of the users, at one false halt in ten, in a hundred, in a thousand (Wald).

# %% breakfix={"id": "plane"}
lab.plane()

# %% [markdown]
# Evidence is made of requests, and some of these requests are users who are harmed: so there is a line. But see how flat it
# is. Ten times fewer false halts cost a few users more, always as many: it is cheap to be careful, if one counts evidence and
# not alarms. A controller that watches errors and slow requests, in three regions and in all together, keeps eight sums against
# six kinds of trouble: it stands above the line of a test that watches one count for one kind. And a point in the green field
# is not enough: the sum over regions stands there too, and lets one kind of release through.
#
# ## Prevent
#
# Set an alert for releases that no controller watches: it fires when the new version fails more than so many times as often as
# the old one. It must be quiet for a good release (`calm`), also when 5 % fail in both versions (`both`), and fire for the
# bad one and for a mild one, of which 15 % fail beside the usual 1 %: four runs, about fifteen seconds. It looks at the last
# 15 seconds, and is silent while a version got fewer than 40 requests in them. The old version's rate counts as 1 % at least.

# %% breakfix={"role": "answer", "id": "alert", "blank": "lab.alert(times=None, for_s=3)"}
lab.alert(times=5, for_s=3)

# %% [markdown]
# A small number pages by chance, on other days if not on these; a large one, or many seconds, comes when everybody has the
# new version. Choose one with room on both sides, for your seed draws other days. Put the rule into the diagnosis, as
# `"alert": {"times": ..., "for_s": ...}`, and run that cell again. Then the diagnosis is whole; it is judged on four records
# with your seed.

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# In review, ask four questions of every release controller: what is compared with what, how often would chance do the same,
# what does it say when it hears nothing, and who still has the bad version after its alarm?
#
# ## Runbook entry
#
# In the first five minutes, an experienced colleague rolls back, and asks questions later. Write the entry for the colleague
# who is paged next time and has not read this page: which chart, which number, which switch. Five headings, a few lines each.
# This cell is graded by hand; if you study alone, compare with the one in `solutions/lab11_canary/lab11_canary.ipynb`.

# %% [markdown] breakfix={"role": "runbook", "points": 2}

# %% [markdown]
# ## The same failure in public: OpenAI, 2024
#
# A new telemetry service asked the control plane of each cluster for lists whose cost grew with the size of the cluster. Its
# tests did not show that. It was deployed at 15:12, services degraded from 15:16 to 19:38
# ([post-mortem](https://status.openai.com/incidents/ctrsv3lwd797)). Names are also answered by the control plane, and cached
# names hid the overload: services failed one by one over 20 minutes, as their names expired
# ([quoted here](https://simonwillison.net/2024/Dec/13/openai-postmortem)).
#
# **Predict first:** would a controller that compares the errors of canary and baseline have stopped this release?

# %% breakfix={"id": "outage-openai-2024"}
lab.outage("openai_2024")

# %% [markdown]
# A canary sees what its users see, as late as they see it, and only where it stands. Here the test cluster is too small, and
# the watch shorter than the life of a cached name. In the last column the release goes on by size, and each step is watched at
# the control plane: the large cluster is hurt for a while, and the release is taken back, which as it was could not be done:
# the way back led through the control plane. The length of the outage is ours.

# %% [markdown]
# ## Further reading
#
# - A. Wald: *Sequential Tests of Statistical Hypotheses*, Annals of Mathematical Statistics, 1945.
# - R. Johari, P. Koomen, L. Pekelis, D. Walsh: *Peeking at A/B Tests*, KDD 2017: tests that may be looked at all the time.
# - *The Site Reliability Workbook* (O'Reilly, 2018), chapter 16 "Canarying Releases".
# - C. Clopper, E. Pearson: *The Use of Confidence or Fiducial Limits*, Biometrika, 1934.

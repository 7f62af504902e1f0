# %% [markdown]
# # lab20. The cache that helps until it is needed
#
# > **Pager, 10:01.** Shop pages without prices, a third of all. The sale began at 10:00.
# > **10:02.** Pricing is up and busy. Nothing was deployed. The cache's hit rate this morning was fine.
#
# A cache keeps pricing from being asked. You will see in which moment it does not, repair it, and prove the repair. Plan
# for about 15 minutes. This lab comes from a package of its own; all else is as in the labs of Break/Fix.

# %% breakfix={"id": "open"}
import labs

lab = labs.open_lab("lab20_stampede")

# %% [markdown]
# ## The system
#
# ```
# customers --3 pages a second, in the sale 60--> shop --> pricing
# ```
#
# - The **shop** shows a price list, and keeps it for 5 s: a business rule, for prices change.
# - **Pricing** computes the list in 0.4 s, one at a time: 2.5 lists a second. The shop waits 1 s for one.
# - Nothing fails by itself. At second 10 the sale begins.

# %% breakfix={"id": "code"}
lab.code()

# %% [markdown]
# ## Predict
#
# One list every 5 s is all that the shop needs. How many calls to pricing are in flight at once, at most?

# %% breakfix={"role": "predict", "id": "predict-calls", "blank": "lab.predict(\"calls at once\", None)"}
lab.predict("calls at once", 1)

# %% [markdown]
# ## Reproduce

# %% breakfix={"id": "reproduce"}
broken = lab.run("broken")
lab.chart(broken)

# %% [markdown]
# The same system as ordinary processes on real sockets, in real time. About 36 seconds.

# %% breakfix={"role": "live", "id": "live"}
live = lab.run("broken", world="live")
lab.worlds(broken, live)

# %% [markdown]
# ## The signals

# %% breakfix={"id": "signals"}
lab.signals(broken)

# %% [markdown]
# Most pages cost no call, and the cache looks well. The calls that there are come at the same time.
#
# ## Diagnose

# %% breakfix={"role": "diagnosis"}
{
    "calls": 24,
    "cause": "all who miss ask pricing",
    "line": 19,
}

# %% [markdown]
# ## Repair
#
# Keep the name `PriceCache` and its method `get`; everything inside may change. `fetch` raises after a second without an
# answer. A customer who leaves cancels the `get()` that was waiting for it.

# %% breakfix={"role": "fix"}

# %% breakfix={"id": "after"}
after = lab.run()
lab.compare(before=broken, after=after)
lab.signals(broken, after)

# %% [markdown]
# ## Prove it
#
# Two graded checks and three gates, on three seeds each.

# %% breakfix={"role": "check", "check": "shown"}
lab.check("shown")

# %% breakfix={"role": "check", "check": "one_call"}
lab.check("one_call")

# %% breakfix={"role": "check", "check": "calm"}
lab.check("calm")

# %% breakfix={"role": "check", "check": "fresh"}
lab.check("fresh")

# %% breakfix={"role": "check", "check": "left_over"}
lab.check("left_over")

# %% breakfix={"role": "check", "check": "diagnosis"}
lab.check("diagnosis")

# %% [markdown]
# ## What other repairs would have done

# %% breakfix={"id": "policies"}
lab.policies()

# %% [markdown]
# - **Jitter** parts the expiries of many entries. Here one entry is wanted by all.
# - **A retry** doubles the calls of those who got no answer in time.
# - **A lock alone** makes the calls come one after another, and does not remove one of them.
# - **A long lifetime** has one stampede less, and prices that are a minute old.
# - **The old list when the call fails** shows pages, after a second of waiting, while pricing is flooded.
#
# ## The law
#
# $$\text{calls of one expiry} \approx \text{requests a second} \times \text{seconds of one computation}$$
#
# Below one, nobody notices. With three pages a second it was 1.2, and with sixty it is 24: a sale does not change the
# cache, it changes what an expiry costs.
#
# ## Runbook entry

# %% [markdown] breakfix={"role": "runbook", "points": 2}

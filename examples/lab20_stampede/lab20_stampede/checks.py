"""The graded checks. All of them measure outside the repair: at the load, and on the link to pricing."""

from __future__ import annotations

from lab20_stampede.readings import LINK, longest_gap, most_at_once, sale_success
from labs.kit import Finding, Run, check, stats


@check(
    "The sale shows its prices",
    needs="sale", at_least=0.99, unit="share of the pages of the sale", points=4,
    hint="How many calls does pricing get in the 0.4 s after an entry expired, and how many can it answer?",
)  # fmt: skip
def shown(run: Run) -> Finding:
    """Customers get their pages although entries expire."""
    share = sale_success(run)
    if share >= 0.99:
        return Finding(True, share, "shown", f"{share:.1%} of the pages of the sale were shown.")
    failed = f"Only {share:.1%} of the pages of the sale were shown"
    if most_at_once(run) <= 2:
        return Finding(False, share, "pages_wait_or_fail_in_the_shop", f"{failed}, though pricing has hardly any calls.")
    return Finding(
        False, share, "pricing_is_flooded", f"{failed}: up to {most_at_once(run)} calls wait for pricing at the same time."
    )


@check(
    "An entry that expires costs pricing one call",
    needs="sale", at_most=2, unit="calls in flight at once", points=3,
    hint="All who miss want the same answer. Who asks for it, and what do the others wait for?",
)  # fmt: skip
def one_call(run: Run) -> Finding:
    """Pricing gets one call for the answer that all need."""
    most = most_at_once(run)
    calls = len(run.requests(LINK))
    told = f"The shop made {calls} calls to pricing, up to {most} at the same time."
    return Finding(most <= 2, most, "one_call" if most <= 2 else "stampede", told)


@check(
    "A quiet morning is unharmed",
    needs="calm", at_least=0.98, unit="share of the pages", keeps=0.0,
    hint="lab.run(scenario='calm') shows which pages fail although nothing is wrong.",
)  # fmt: skip
def calm(run: Run) -> Finding:
    """Normal load is unharmed."""
    share = stats.success_rate(run)
    return Finding(
        share >= 0.98, share, "unharmed" if share >= 0.98 else "calm_harmed", f"With nothing wrong, {share:.1%} are shown."
    )


@check(
    "Prices are at most ten seconds old",
    needs="calm", at_most=10, unit="s without news from pricing", keeps=0.5,
    hint="A longer lifetime makes stampedes rarer and prices wrong. The lifetime is the business's, not yours.",
)  # fmt: skip
def fresh(run: Run) -> Finding:
    """Prices stay fresh."""
    gap = longest_gap(run)
    return Finding(gap <= 10, gap, "fresh" if gap <= 10 else "old_prices", f"For {gap:.1f} s no news came from pricing.")


CHECKS = (shown, one_call, calm, fresh)

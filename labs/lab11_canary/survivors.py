"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_sequential", "", "number",
        "STAGES = ((0.1, 25), (0.25, 25), (0.5, 30)) # a share, and for how many seconds",
        "STAGES = ((0.1, 2), (0.25, 25), (0.5, 30)) # a share, and for how many seconds",
        "a shorter first stage harms more users, and stays below the bound: bad releases are found at a quarter as soon",
    ),
    (
        "right_sequential", "", "number",
        "MISSING = 15.0 # so many requests that the new version should have had, and none of them counted",
        "MISSING = 1.5 # so many requests that the new version should have had, and none of them counted",
        "a slip in truth: at 4 requests a second one second without any is chance. Seed 0 has none; of seeds 0 to 3 one has",
    ),
    (
        "right_sequential", "Controller.silent", "statement", "self.missing = 0.0", "pass",
        "a version that answers is never silent for a second, so that there is nothing to forget",
    ),
    (
        "right_sequential", "Controller.worse", "number", "for column in range(3):", "for column in range(1):",
        "the regions one by one find what all of them together find, a little later",
    ),
    (
        "right_sequential", "Controller.worse", "statement", "total[column] += seen[column]", "pass",
        "the regions one by one find what all of them together find, a little later",
    ),
    (
        "right_sequential", "Controller.worse", "statement", 'self.weigh("all", *totals)', "pass",
        "the regions one by one find what all of them together find, a little later",
    ),
)  # fmt: skip

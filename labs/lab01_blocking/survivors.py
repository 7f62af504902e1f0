"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_all",
        "",
        "number",
        "PAUSE_S = 0.2",
        "PAUSE_S = 0.02",
        "the supplier fails single answers: how soon it is asked again changes nothing, and AT_ONCE limits how often",
    ),
    (
        "right_all",
        "Prices.start",
        "number",
        "self.hashing = ThreadPoolExecutor(2)",
        "self.hashing = ThreadPoolExecutor(20)",
        "they compute in C without the interpreter lock: more threads than cores are no faster, and hold nothing up",
    ),
)

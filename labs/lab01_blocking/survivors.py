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
    (
        "right_all",
        "Prices._ask_supplier",
        "with",
        'async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:',
        'if [answer := await self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True)]:',
        "json() reads the answer to its end, and raise_for_status releases one with an error",
    ),
)

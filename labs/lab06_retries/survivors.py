"""Mutants of right repairs that no check notices, and why each is still right (`breakfix mutate`)."""

SURVIVORS = (
    (
        "right_all",
        "",
        "number",
        "TIMEOUT_S = 0.4",
        "TIMEOUT_S = 4",
        "the queue of 15 places is worked off in 0.3 s, so the timeout decides only while the bank stands still",
    ),
    (
        "right_all",
        "",
        "number",
        "CAP_S = 1.0",
        "CAP_S = 0.1",
        "the budget limits how many retries there are; how long they wait only spreads them",
    ),
    (
        "right_all",
        "",
        "number",
        "BOUND = 15",
        "BOUND = 150",
        "jobs whose caller has gone are thrown away when their turn comes, so a long queue costs nothing",
    ),
    (
        "right_all",
        "PaymentsClient.charge",
        "number",
        "await asyncio.sleep(random.uniform(0, min(CAP_S, BASE_S * 2**attempt)))",
        "await asyncio.sleep(random.uniform(0, min(CAP_S, BASE_S * 20**attempt)))",
        "CAP_S ends each pause at 1 s",
    ),
)

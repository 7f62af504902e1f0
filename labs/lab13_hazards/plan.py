"""A service plan of one page, and the hazards in it. The harmless sentences resemble the hazardous ones."""

from __future__ import annotations

from typing import NamedTuple


class Hazard(NamedTuple):
    """A hazard by name, what it is, and why it is in the plan, or is not."""

    name: str
    asked: str
    why: str


class Sentence(NamedTuple):
    """One sentence of the plan; `hazard` is the name of the hazard in it, "" if there is none."""

    text: str
    hazard: str = ""


PLAN = (
    Sentence("The gateway gives up on a request after 800 ms, whatever it waits for."),
    Sentence(
        "Cards asks the ledger with a limit of 200 ms on the whole call; after a failure it asks again after a random pause,"
        " as long as such calls are less than a tenth of all."
    ),
    Sentence(
        "Cards asks the rates service with a limit of 200 ms on the whole call; after a failure it asks again after a random"
        " pause, up to four times.",
        "retries",
    ),
    Sentence("A charge carries the number of the order, and the bank books each number once; so cards may ask again."),
    Sentence(
        "A refund is asked for again if the bank has not answered within 300 ms; the bank numbers each request when it"
        " arrives.",
        "twice",
    ),
    Sentence("Connections to the ledger come from a pool of 20; a request that gets none within 100 ms is answered 503."),
    Sentence("Connections to the archive come from a pool of 5; a request that gets none stays until one is free.", "pool"),
    Sentence("Mails stand in a queue of 500 places; while it is full, the mail is left to the nightly list."),
    Sentence("A worker takes an order with a lease of 60 s; each step of an order has a limit, together 9 s."),
    Sentence("A worker takes a picture with a lease of 30 s; a picture takes about 20 s, a large one a minute.", "lease"),
    Sentence("Each process keeps the rates of the 40 currencies in a dict, and replaces it as a whole."),
    Sentence("Each process keeps the rendered card of each gift text in a dict, so that a text is rendered once.", "cache"),
    Sentence(
        "Each process reads the rates again 50 to 70 s after the last time, at random; until they are there, it uses the"
        " old ones."
    ),
    Sentence(
        "PDFs are rendered by a pool of two processes, at most ten wait, and the coroutine awaits a result for 5 s at most."
    ),
    Sentence("The barcode is drawn by a library in C, called in the coroutine; that takes 80 ms.", "loop"),
    Sentence("An order is written in the transaction that charges it; when that is committed, the customer is told 202."),
    Sentence(
        "A gift text is put on a list of the process, which takes at most 100, and the customer is told 202; each second the"
        " list is written to the database.",
        "lost",
    ),
    Sentence("/ready answers 503 while the process has no connection to the ledger; then the balancer sends it nothing."),
    Sentence("/alive answers 503 while the ledger does not answer; then the platform starts the process again.", "restart"),
    Sentence("A new version gets a tenth of the users, and its errors are compared with the old one's in the same minute."),
    Sentence(
        "A new configuration is checked as a whole; a bad one is refused with an alert, a good one goes to one"
        " process first."
    ),
    Sentence("When a process is told to stop, it takes no more orders, ends those that it has, and has 20 s for it."),
    Sentence("A client may have 20 requests under way; the next one is answered 429."),
    Sentence("An alert fires when, five minutes in a row, more than one request in a hundred fails or takes over 500 ms."),
)
HAZARDS = (
    Hazard(
        "limit", "a call over the network without a limit on its whole time", "each call has one, or the gateway gives up"
    ),
    Hazard(
        "retries",
        "retries that multiply the load of a service in trouble",
        "four retries and no budget: five times the load",
    ),
    Hazard("twice", "something is done twice", "the bank cannot tell a second asking from a second refund"),
    Hazard("queue", "a queue without a bound", "the only queue has 500 places"),
    Hazard(
        "pool", "a bounded pool, and no limit on the wait for a place", "when the archive is slow, all requests stay there"
    ),
    Hazard("lease", "a lease that ends before the work does", "a large picture takes a minute: a second worker begins it"),
    Hazard("cache", "a cache that only grows", "customers write the gift texts: there is no end of them"),
    Hazard(
        "stampede", "all processes ask for the same at the same moment", "the moments are random, and the old rates are used"
    ),
    Hazard("loop", "work that blocks the event loop", "80 ms in which the process answers nobody, C or not"),
    Hazard("lost", "a yes that a crash makes untrue", "who was told 202 in the last second loses the text"),
    Hazard("restart", "a restart that helps nobody", "when the ledger is down, all processes are started again, and again"),
    Hazard("blind", "a release that nothing is compared with", "it is compared with the old version in the same minute"),
)


def place(hazard: str) -> int:
    """The number of the sentence that holds a hazard; 0 if none does."""
    return next((number for number, sentence in enumerate(PLAN, 1) if sentence.hazard == hazard), 0)

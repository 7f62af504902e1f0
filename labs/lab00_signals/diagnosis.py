"""The diagnosis of lab00: what hid the failures, and what they were."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, whole
from labs.lab00_signals.readings import (
    EDGE,
    LONGEST_S,
    SERVICES,
    SIGNALS,
    SLOW_S,
    empty_above_pricing,
    fires_at,
    slow_and_whole,
)  # fmt: skip
from labs.lab00_signals.scenarios import WATCHED
from labs.lab00_signals.trouble import FAMILIES, PASSES, SLOW_FAMILY, TooManyOrders

HIDING_LINES = (19, 20)  # broken.py, as the cell numbers it: the bare except, and the empty answer
ERRORS = tuple(name for name in PASSES if name and name != TooManyOrders.__name__)  # which no run of the page has
PLACES = (EDGE, *SERVICES)
IN_TIME_S = 5.0
"""A page comes so many seconds after pricing is down, at most. With a window of 8 s, a burn rate of 20 comes later."""

DIAGNOSIS = Diagnosis(
    questions=(
        whole(
            "line",
            "a line of the code that failed, as lab.code() numbers it, that turns a failure into a success; there are two,"
            " and either counts", *HIDING_LINES,
            why="`except Exception` takes whatever happened, and an empty web.Response() has the status 200.",
        ),
        choice(
            "disk_full_begins_in", "the service in which DiskFull begins", PLACES, "inventory", form="the name of a service",
            why="The lowest service with an error log for such an order: inventory and shop have one, pricing has none.",
        ),
        choice(
            "most_frequent", "the error that most of the failed orders met", ERRORS, "DiskFull", form="the name of an error",
            why="Counted at the gateway, by the type in the answer's body.",
        ),
        choice(
            "slow_span", "the service whose own span takes most of the time of a slow order", PLACES, "pricing",
            form="the name of a service",
            why="The spans above it are as long, but nearly all of their time is covered by that of pricing.",
        ),
        choice(
            "slow_family", "the family of products that is slow", FAMILIES, SLOW_FAMILY, form="the name of a family",
            why="Each span has the product as an attribute; the slow ones all begin with the same word.",
        ),
        evidence(
            "never_priced",
            "in your own record, an order that came back empty with the status 200, and that never came to pricing",
            "worse_day", empty_above_pricing, form="a request id, a text",
            why="While it was inside, the wire carried an exchange with inventory, and none from there to pricing.",
        ),
        evidence(
            "only_slow", f"in your own record, an order that took longer than {SLOW_S:g} s, and came back with its price",
            "worse_day", slow_and_whole, form="a request id, a text",
            why="Slow and failed are two things: nearly all slow orders are answered, and most failed ones are fast.",
        ),
        alert_rule(
            "the rule for the code that failed, once you have tried it with lab.alert() near the end of the page: it pages"
            f" within {IN_TIME_S:g} s when pricing is down, or a part of it, and on neither of the good days",
            {
                "signal": lambda name: name in SIGNALS,
                "burn_rate": lambda rate: is_number(rate) and rate > 0,
                "window_s": lambda s: is_number(s) and 1 <= s <= LONGEST_S,
            },
            WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"signal": its name, "burn_rate": a number, "window_s": seconds, 1 to 10}',
            why="The status of a failed order is 200, and it is not slow: its size is all that tells.",
        ),
    ),
    points=3.2,
    hint="Follow one failed order: the lowest service with an error log is where it began. Then take the slowest trace.",
)  # fmt: skip

HINTS = (
    'Begin with the status: in `handle`, answer a failure with 500 and {"error": type}, and look at lab.answers(lab.run()).',
    "`call` must not take a failure for an answer: where response.status >= 400, raise an exception of your own with the"
    " `error` of the body as its error_type. `handle` then takes getattr(error, 'error_type', type(error).__name__).",
    'The id: REQUEST_ID = ContextVar("request_id"), set at the top of `handle` from request.headers["X-Request-Id"], read in'
    " `call` for the header, and set on the response at the end of `handle`. One self.log.error(...) where you catch.",
    "The trace: W3C = TraceContextTextMapPropagator(); `with self.tracer.start_as_current_span(name,"
    " context=W3C.extract(request.headers)) as span:` around the handler, span.set_status(StatusCode.ERROR) where you catch,"
    " and W3C.inject(headers) in `call`, before the request is sent: a header that is added later is not sent.",
)

"""The town: seven services and a bank that several labs stand on. It is no lab: a lab says what happens in it.

    load -> gateway -> catalog -> store
                               -> recs
                    -> orders  -> store
                               -> payments -> store (only with a check)
                                           -> bank

`policies.py` holds what the teams of the town may change, `service.py` the services, `load.py` what the customers ask for.
"""

from __future__ import annotations

from labs.kit import Desk, Service
from labs.town.policies import DEFAULTS, SETTABLE

_AT = "labs.town.service:"
SERVICES = (
    Service("gateway", _AT + "gateway", calls=("catalog", "orders")),
    Service("catalog", _AT + "catalog", calls=("store", "recs")),
    Service("orders", _AT + "orders", calls=("store", "payments")),
    Service("payments", _AT + "payments", calls=("store", "bank")),
    Service("store", _AT + "store"),
    Service("recs", _AT + "recs"),
    Service("bank", _AT + "bank"),
)
"""The services as they stand. A lab that puts a repair into one of them takes it with `runs_fix=True`."""
ENTRY = "gateway"
OWN = ("gateway", "catalog", "orders", "payments", "store", "recs")
"""The services that the town's operator may restart: the bank belongs to somebody else."""
DESK = Desk(restarts=OWN, settings=SETTABLE)
PACED = {"payments->bank": (DEFAULTS["bank"]["MS"] + 1) / 1000}
"""The seconds from one charge of the bank to the next, for `Lab(paced=...)`."""

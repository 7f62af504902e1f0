"""The edge in front of a system, where an operator sheds load: a refused request is answered 503 at once."""

from __future__ import annotations

from random import Random

from labs.kit.model.runbook import Shed

REFUSAL = 503
"""The status of the answer to a request that is shed."""


class Edge:
    """Refuses a share of the requests of one run. The same seed and share refuse the same requests in both worlds.

    The larger of two shares refuses all that the smaller one does.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._shares: dict[str, float] = {}

    def shed(self, order: Shed) -> None:
        """From now on refuse this share of a client's requests, or of all."""
        self._shares[order.client] = order.share

    @property
    def share(self) -> float:
        """The largest share that is refused, of all requests or of one client's."""
        return max(self._shares.values(), default=0.0)

    def refuses(self, index: int, client: str = "") -> bool:
        """Is the request `index` of the load refused, which `client` sends?"""
        share = max(self._shares.get("", 0.0), self._shares.get(client, 0.0))
        return share > 0 and Random(f"shed {self._seed} {index}").random() < share

"""How the shop makes an invoice of each order, as it failed in production."""

import aiohttp

from labs.lab08_workers.rendering import Page, height

CONNECTIONS = 16  # one for each core of the machine


def render(order: str, lines: list[str]) -> str:
    """The invoice as text. Each line stands below all that come before it."""
    with Page(order) as page:
        for number, line in enumerate(lines):
            top = sum(height(above) for above in lines[:number])
            page.print(line, top)
    return page.text


class Invoices:
    """Makes an invoice of each order, and delivers it to the partner."""

    def __init__(self, partner: str, database: str) -> None:
        self.partner = partner
        self.database = database  # a file that outlives the process
        self.delivered: set[str] = set()

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))

    async def stop(self) -> None:
        """Called once, before the process ends; 1.5 s later it is killed."""
        await self.session.close()

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order. When this returns, the customer hears 202: the invoice will be delivered, once."""
        text = render(order, lines)
        await self._deliver(order, text)
        self.delivered.add(order)

    async def _deliver(self, order: str, text: str) -> None:
        """Hand an invoice to the partner, who takes a known Idempotency-Key for the same invoice again."""
        url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}
        async with self.session.post(url, data=text.encode(), headers=headers) as answer:
            answer.raise_for_status()

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        return "delivered" if order in self.delivered else "unknown"

"""What shop, inventory and pricing tell of themselves, as it failed in production."""

from aiohttp import web


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer

    async def handle(self, request, handler):
        """Around every request that comes in: handler(request) does the work, and may raise."""
        try:
            response = await handler(request)
        except Exception:
            response = web.Response()  # the page must not break
        self.log.info("request done", status=response.status)
        return response

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers."""
        async with session.post(url, json=question) as response:
            return await response.json()

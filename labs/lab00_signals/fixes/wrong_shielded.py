"""No order is to be lost, so the work is shielded: it goes on in all services for a customer who has left."""

LIKE = "right_contextvar"
LOSES = {"leaves": "goes_on"}
CHANGED = {
    "import uuid\n": "import asyncio\nimport uuid\n",
    "response = await handler(request)": "response = await asyncio.shield(handler(request))",
}

"""A new idempotency key for each attempt: to the bank, every one of them is another charge."""

LIKE = "right_budget"
LOSES = {"charged_once": "double_charge"}
CHANGED = {
    "import random": """\
import random
import uuid""",
    """\
headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}""": """\
headers = {"X-Request-Id": order["id"], "Idempotency-Key": str(uuid.uuid4())}""",
}

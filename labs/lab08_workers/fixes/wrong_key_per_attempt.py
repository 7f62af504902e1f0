"""A key for each attempt instead of one for each invoice: a second attempt delivers again."""

LIKE = "right_lease"
LOSES = {"once": "delivered_twice"}
CHANGED = {
    "import time": """\
import time
import uuid""",
    """\
url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}""": """\
url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": str(uuid.uuid4())}""",
}

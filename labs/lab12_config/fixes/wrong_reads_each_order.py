"""Each order reads the file: always the newest, also if it is half written, empty or nonsense."""

LIKE = "broken"
LOSES = {
    "limit": "limit_captured",
    "timeout": "timeout_captured",
    "none_lost": "lost",
    "last_good": "accepts_missing_key",
    "restart": "never_kept",
    "buckets": "wrong_share",
    "kill_switch": "too_much",
    "live": "lost",
}
CHANGED = {
    "import aiohttp\n": "import json\n\nimport aiohttp\n",
    """        self.log.info("charging", request_id=order["id"])
        debit = {"order": order["id"], "cents": order["cents"] + FEE_CENTS, "currency": CURRENCY}
""": """        settings = self.read()
        self.log.info("charging", request_id=order["id"], version=settings["version"])
        cents = order["cents"] + settings["fee_cents"]
        debit = {"order": order["id"], "cents": cents, "currency": settings["currency"]}
""",
    'self.log.info("charged", request_id=order["id"])': """\
self.log.info("charged", request_id=order["id"], version=settings["version"])""",
    """return {"order": order["id"], "version": VERSION, "fee_cents": FEE_CENTS, "currency": CURRENCY, "receipt": receipt}
""": """return {
            "order": order["id"], "version": settings["version"], "fee_cents": settings["fee_cents"],
            "currency": settings["currency"], "receipt": receipt,
        }

    def read(self) -> dict:
        with open(self.path) as file:
            return json.load(file)
""",
    "        return False\n": """\
        found = self.read()["flags"].get(flag, {"on": False, "percent": 0})
        return found["on"] and sum(f"{flag}{user}".encode()) % 100 < found["percent"]
""",
    """return {"version": VERSION, "refused": 0, "reason": ""}""": """\
try:
            return {"version": self.read()["version"], "refused": 0, "reason": ""}
        except (OSError, ValueError) as error:
            return {"version": VERSION, "refused": 1, "reason": str(error)}""",
}

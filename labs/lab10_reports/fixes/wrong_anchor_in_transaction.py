"""Each change waits for the vault, in its transaction: everybody waits for the vault."""

LIKE = "right_summary"
LOSES = {
    "during_report": "always_slow",
    "during_correction": "no_correction",
    "totals": "no_report",
    "corrected": "no_correction",
    "sealed": "not_verified",
    "booked": "unanswered",
    "served": "not_served",
}
CHANGED = {
    "import aiohttp\n": "import urllib.error\nimport urllib.request\n\nimport aiohttp\n",
    "(*row, digest_of(row)))": """(*row, digest_of(row)))
        told = json.dumps({"count": seq + 1, "head": digest_of(row)}).encode()
        try:
            urllib.request.urlopen(self.vault, told, timeout=1).close()
        except urllib.error.URLError:
            pass""",
}

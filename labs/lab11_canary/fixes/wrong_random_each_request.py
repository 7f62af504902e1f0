"""The sequential test is right; who gets the new version is drawn for each request."""

LIKE = "right_sequential"
LOSES = {"sticky": "drawn_each_time"}
CHANGED = {
    "import math\nfrom zlib import crc32": "import math\nimport random",
    'return crc32(f"canary {user}".encode()) < share * 2**32': "return random.random() < share",
}

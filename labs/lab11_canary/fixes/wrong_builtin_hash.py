"""hash() of a text is another one in each process: a router that starts again draws anew."""

LIKE = "right_sequential"
LOSES = {"sticky": "forgot_at_restart"}
CHANGED = {
    "\nfrom zlib import crc32": "",
    'return crc32(f"canary {user}".encode()) < share * 2**32': "return hash(user) % 1000 < share * 1000",
}

"""The simulated world: the services' own code on a virtual clock and an in-memory network.

Two sides, and a pipe between them:

* the *host* side (`host/`) runs in one process per service. Its modules replace the blocking calls of the standard
  library before asyncio or aiohttp are imported; asyncio and aiohttp themselves are unmodified.
* the *judge* side (`coordinator/`, `world.py`) grants virtual time to the hosts, carries their bytes,
  injects the faults and writes the record. It never imports the code under repair.

Both sides share the module `wire`. Importing this package imports neither side.
"""

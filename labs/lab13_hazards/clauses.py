"""Twins for single clauses of the rules as the page has them: each must be held, for each is what somebody would forget."""

from __future__ import annotations

TABLE = """
@ BF101 clause a function that is handed to a thread here, and called there
 import asyncio
 import time
 def work():
     time.sleep(1)
 async def first():
     await asyncio.to_thread(work)
 async def second():
-    work()
+    await asyncio.to_thread(work)
@ BF101 clause a lambda that is handed to a thread
 import asyncio
 import time
 async def handle(seconds):
-    time.sleep(seconds)
+    await asyncio.to_thread(lambda: time.sleep(seconds))
@ BF101 clause the second of two in one with
 import threading
 lock = threading.Lock()
 async def note(path, text):
-    with open(path, "a") as file, lock:
+    with open(path, "a") as file:
         file.write(text)
@ BF101 clause three calls deep
 import time
 async def handle(job):
     return first(job)
 def first(job):
     return second(job)
 def second(job):
     return third(job)
 def third(job):
-    time.sleep(1)
     return job
@ BF102 clause asyncio.timeout(None)
 import asyncio
 async def connect(host):
-    async with asyncio.timeout(None):
+    async with asyncio.timeout(2):
         return await asyncio.open_connection(host, 80)
@ BF102 clause wait_for with None
 import asyncio
 async def connect(host):
-    return await asyncio.wait_for(asyncio.open_connection(host, 80), None)
+    return await asyncio.wait_for(asyncio.open_connection(host, 80), 2)
@ BF102 clause a total of None
 import aiohttp
 async def fetch(url):
-    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
+    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
         async with session.get(url) as answer:
             return await answer.text()
@ BF102 clause one request of a session has no limit
 import aiohttp
 async def fetch(url):
     async with aiohttp.ClientSession() as session:
         async with session.get(url, timeout=aiohttp.ClientTimeout(total=1)) as answer:
             first = await answer.text()
-        async with session.get(url) as answer:
+        async with session.get(url, timeout=aiohttp.ClientTimeout(total=1)) as answer:
             return first + await answer.text()
@ BF102 clause one call of the function has no limit
 import asyncio
 import aiohttp
 class Client:
     def __init__(self):
         self.session = aiohttp.ClientSession()
     async def ask(self, url):
         async with self.session.get(url) as answer:
             return await answer.text()
     async def soon(self, url):
         async with asyncio.timeout(1):
             return await self.ask(url)
     async def later(self, url):
-        return await self.ask(url)
+        async with asyncio.timeout(9):
+            return await self.ask(url)
@ BF103 clause its len is shown, and compared with nothing
 seen = {}
 def note(key):
     seen[key] = 1
-    print(len(seen))
+    if len(seen) > 100:
+        print("full")
@ BF103 clause what start registers is called later
 class Watch:
     def __init__(self, bus):
         self.bus = bus
     def start(self):
         self.seen = set()
         def heard(message):
             self.seen.add(message)
+            if len(self.seen) > 100:
+                self.seen.clear()
         self.bus.listen(heard)
@ BF104 clause what is returned is something else
 def first_line(path):
-    file = open(path)
-    return file.readline()
+    with open(path) as file:
+        return file.readline()
"""

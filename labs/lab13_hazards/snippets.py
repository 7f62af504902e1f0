"""The table of twins: code as text.

A table is made of blocks: a head after "@ ", and lines. twins.py reads it; neighbours.py and labels.py have more like it.
"""

from __future__ import annotations

from collections.abc import Iterator


def blocks(table: str) -> Iterator[tuple[str, list[str]]]:
    """The blocks of a table: the head of each, and its lines."""
    for block in table.split("\n@ ")[1:]:
        head, _, body = block.partition("\n")
        yield head, body.strip("\n").split("\n")


TABLE = """
@ BF101 practice a pause
-import time
+import asyncio
 async def tick(seconds):
-    time.sleep(seconds)
+    await asyncio.sleep(seconds)
@ BF101 practice in a method that a coroutine calls
 import asyncio
 import time
 class Worker:
     async def handle(self, job):
-        return self.work(job)
+        return await asyncio.to_thread(self.work, job)
     def work(self, job):
         time.sleep(0.1)
         return job
@ BF101 practice a query
 import asyncio
 import sqlite3
 class Store:
     def __init__(self, path):
         self.db = sqlite3.connect(path)
     def count(self):
         return self.db.execute("select count(*) from orders").fetchone()
     async def handle(self, request):
-        return self.db.execute("select count(*) from orders").fetchone()
+        return await asyncio.get_running_loop().run_in_executor(None, self.count)
@ BF101 judged a lock of threads
-import threading
-lock = threading.Lock()
+import asyncio
+lock = asyncio.Lock()
 async def once(work):
-    with lock:
+    async with lock:
         return await work()
@ BF101 judged a request of the standard library
 import asyncio
 import urllib.request
 async def fetch(url):
-    return urllib.request.urlopen(url, timeout=1).status
+    loop = asyncio.get_running_loop()
+    return await loop.run_in_executor(None, lambda: urllib.request.urlopen(url, timeout=1).status)
@ BF101 judged a program
 import asyncio
 import subprocess
 async def convert(path):
-    subprocess.run(["convert", path], check=True)
+    process = await asyncio.create_subprocess_exec("convert", path)
+    await process.wait()
@ BF101 judged the queue of threads
-import queue
-jobs = queue.Queue(10)
+import asyncio
+jobs = asyncio.Queue(10)
 async def next_job():
-    return jobs.get()
+    return await jobs.get()
@ BF101 judged two calls deep
 import asyncio
 import time
 def settle():
     time.sleep(0.2)
 def prepare(order):
     settle()
     return order
 async def handle(order):
-    return prepare(order)
+    return await asyncio.to_thread(prepare, order)
@ BF101 judged a function inside the coroutine
 import asyncio
 import time
 async def handle(order):
     def work():
         time.sleep(0.2)
         return order
-    return work()
+    return await asyncio.to_thread(work)
@ BF101 judged a plain function that no coroutine calls
 import time
-async def wait(seconds):
+def wait(seconds):
     time.sleep(seconds)
@ BF102 practice a session
 import aiohttp
 async def price(url):
-    async with aiohttp.ClientSession() as session:
+    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
         async with session.get(url) as answer:
             return await answer.text()
@ BF102 practice a time limit that limits one phase
 import aiohttp
-LIMIT = aiohttp.ClientTimeout(connect=1)
+LIMIT = aiohttp.ClientTimeout(total=2, connect=1)
 async def price(url):
     async with aiohttp.ClientSession(timeout=LIMIT) as session:
         async with session.get(url) as answer:
             return await answer.text()
@ BF102 practice limited round the call
 import asyncio
 import aiohttp
 async def price(url):
     async with aiohttp.ClientSession() as session:
-        async with session.get(url) as answer:
-            return await answer.text()
+        async with asyncio.timeout(1):
+            async with session.get(url) as answer:
+                return await answer.text()
@ BF102 judged the limit is None
 import requests
 def order(url, body):
-    return requests.post(url, json=body, timeout=None).status_code
+    return requests.post(url, json=body, timeout=2).status_code
@ BF102 judged a connection
 import asyncio
 async def greet(host):
-    reader, writer = await asyncio.open_connection(host, 80)
+    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, 80), 1)
     try:
         return await asyncio.wait_for(reader.readline(), 1)
     finally:
         writer.close()
@ BF102 judged a session kept, each request limited
 import aiohttp
 LIMIT = aiohttp.ClientTimeout(total=1)
 class Client:
     async def start(self):
         self.session = aiohttp.ClientSession()
     async def stop(self):
         await self.session.close()
     async def price(self, url):
-        async with self.session.get(url) as answer:
+        async with self.session.get(url, timeout=LIMIT) as answer:
             return await answer.text()
@ BF102 judged a function that makes the session
 import aiohttp
 def client():
-    return aiohttp.ClientSession(headers={"Accept": "text/plain"})
+    return aiohttp.ClientSession(headers={"Accept": "text/plain"}, timeout=aiohttp.ClientTimeout(total=3))
 async def price(url):
     async with client() as session:
         async with session.get(url) as answer:
             return await answer.text()
@ BF102 judged a socket
 import socket
 def greet(host):
-    with socket.create_connection((host, 25)) as line:
+    with socket.create_connection((host, 25), 1.5) as line:
         return line.recv(100)
@ BF102 judged two sessions, one limit
 import aiohttp
 LIMIT = aiohttp.ClientTimeout(total=1)
 async def both(first, second):
     async with aiohttp.ClientSession(timeout=LIMIT) as one, aiohttp.ClientSession(
-        headers={}
+        headers={}, timeout=LIMIT
     ) as other:
         async with one.get(first) as a, other.get(second) as b:
             return await a.text(), await b.text()
@ BF102 judged limited by the caller
 import asyncio
 import aiohttp
 async def ask(url):
     async with aiohttp.ClientSession() as session:
         async with session.get(url) as answer:
             return await answer.text()
 async def price(url):
-    return await ask(url)
+    async with asyncio.timeout(2):
+        return await ask(url)
@ BF103 practice a cache
-CACHE = {}
+import functools
+@functools.lru_cache(maxsize=100)
 def square(number):
-    if number not in CACHE:
-        CACHE[number] = number * number
-    return CACHE[number]
+    return number * number
@ BF103 practice a queue
 import asyncio
-jobs = asyncio.Queue()
+jobs = asyncio.Queue(20)
 async def offer(job):
-    await jobs.put(job)
+    jobs.put_nowait(job)
 async def take():
     return await jobs.get()
@ BF103 practice a set of tasks
 import asyncio
 class Tasks:
     def __init__(self):
         self.running = set()
     def begin(self, work):
         task = asyncio.create_task(work())
         self.running.add(task)
+        task.add_done_callback(self.running.discard)
@ BF103 judged a queue by hand
 from collections import deque
 class Jobs:
     def __init__(self):
         self.waiting = deque()
     def offer(self, job):
+        if len(self.waiting) >= 20:
+            return False
         self.waiting.append(job)
         return True
     def take(self):
         return self.waiting.popleft()
@ BF103 judged a cache of the standard library
 import functools
-@functools.lru_cache(maxsize=None)
+@functools.lru_cache(maxsize=64)
 def page(name, visitor):
     return f"{name} for {visitor}"
@ BF103 judged a bound of zero
 import asyncio
 class Intake:
     def __init__(self):
-        self.jobs = asyncio.Queue(maxsize=0)
+        self.jobs = asyncio.Queue(maxsize=50)
     async def offer(self, job):
         await self.jobs.put(job)
@ BF103 judged lists by key
 from collections import defaultdict
 class Carts:
     def __init__(self):
         self.lines = defaultdict(list)
     def add(self, customer, line):
         self.lines[customer].append(line)
     def pay(self, customer):
-        return sum(self.lines[customer])
+        return sum(self.lines.pop(customer))
@ BF103 judged a counter for each client
 class Limits:
     def __init__(self):
         self.asked = {}
     def allow(self, client):
         self.asked[client] = self.asked.get(client, 0) + 1
+        if len(self.asked) > 1000:
+            self.asked.clear()
         return self.asked[client] < 100
@ BF103 judged a table with fixed keys
 NAMES = ("search", "payments")
 class Clients:
     def __init__(self):
         self.made = {}
-    def of(self, name):
-        self.made[name] = object()
-        return self.made[name]
+        for name in NAMES:
+            self.made[name] = object()
@ BF103 judged added up
 class Batch:
     def __init__(self, send):
         self.rows = []
         self.send = send
     def add(self, row):
         self.rows += [row]
         self.send(self.rows)
+        self.rows = []
@ BF104 practice a connection of a pool
 async def number(pool):
     connection = await pool.acquire()
-    found = await connection.fetchval("select 1")
-    await pool.release(connection)
-    return found
+    try:
+        return await connection.fetchval("select 1")
+    finally:
+        await pool.release(connection)
@ BF104 practice an answer
 import aiohttp
 async def price(session: aiohttp.ClientSession, url):
-    answer = await session.get(url, timeout=aiohttp.ClientTimeout(total=1))
-    if answer.status != 200:
-        raise OSError(url)
-    return await answer.text()
+    async with session.get(url, timeout=aiohttp.ClientTimeout(total=1)) as answer:
+        if answer.status != 200:
+            raise OSError(url)
+        return await answer.text()
@ BF104 practice a database
 import contextlib
 import sqlite3
 def count(path):
-    db = sqlite3.connect(path)
-    found = db.execute("select count(*) from orders").fetchone()
-    db.close()
-    return found
+    with contextlib.closing(sqlite3.connect(path)) as db:
+        return db.execute("select count(*) from orders").fetchone()
@ BF104 judged a file
 import json
 def settings(path):
-    file = open(path)
-    return json.load(file)
+    with open(path) as file:
+        return json.load(file)
@ BF104 judged a connection of its own
 import asyncpg
 async def number(address):
     connection = await asyncpg.connect(address, timeout=1)
-    found = await connection.fetchval("select 1")
-    await connection.close()
-    return found
+    try:
+        return await connection.fetchval("select 1")
+    finally:
+        await connection.close()
@ BF104 judged a place
 import asyncio
 places = asyncio.Semaphore(8)
 async def limited(work):
     await places.acquire()
-    found = await work()
-    places.release()
-    return found
+    try:
+        return await work()
+    finally:
+        places.release()
@ BF104 judged one way out forgets it
 def head(path, size):
     file = open(path, "rb")
-    if size <= 0:
-        return b""
-    data = file.read(size)
-    file.close()
-    return data
+    try:
+        if size <= 0:
+            return b""
+        return file.read(size)
+    finally:
+        file.close()
@ BF104 judged taken with a time limit
 import asyncio
 async def number(pool):
     connection = await asyncio.wait_for(pool.acquire(), 1)
-    found = await connection.fetchval("select 1")
-    await pool.release(connection)
-    return found
+    try:
+        return await connection.fetchval("select 1")
+    finally:
+        await pool.release(connection)
@ BF104 judged threads
 from concurrent.futures import ThreadPoolExecutor
 def render(pages):
-    threads = ThreadPoolExecutor(4)
-    return list(threads.map(str, pages))
+    with ThreadPoolExecutor(4) as threads:
+        return list(threads.map(str, pages))
@ BF104 judged handed to the caller
 import socket
 def line(host):
     connection = socket.create_connection((host, 25), timeout=1)
-    connection.sendall(b"HELO")
+    return connection
"""

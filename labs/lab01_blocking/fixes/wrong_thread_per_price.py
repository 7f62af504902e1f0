"""A new thread for each price: no line, and no limit. A stalled supplier gets all of them."""

LIKE = "right_sized_pool"
LOSES = {"contract": "too_many_at_once"}
CHANGED = {
    "import time": """\
import threading
import time""",
    "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor": (
        "from concurrent.futures import ProcessPoolExecutor"
    ),
    """
THREADS = 20""": "",
    """
        self.threads = ThreadPoolExecutor(THREADS)""": "",
    """
        self.threads.shutdown()""": "",
    """\
        price, views = await self.loop.run_in_executor(self.threads, self._ask_and_count, sku)
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}""": """\
        price, views = await self._in_a_new_thread(self._ask_and_count, sku)
        folded = await self.loop.run_in_executor(self.processes, fold, f"{sku} {price} {views}", self.key)
        signature = await self._in_a_new_thread(stretch, folded, self.key)
        return {"sku": sku, "price": price, "views": views, "signature": signature}

    async def _in_a_new_thread(self, function, *args):
        future = self.loop.create_future()

        def work() -> None:
            try:
                result = function(*args)
            except Exception as error:
                self.loop.call_soon_threadsafe(future.set_exception, error)
            else:
                self.loop.call_soon_threadsafe(future.set_result, result)

        threading.Thread(target=work).start()
        return await future""",
    """
    async def _sign(self, text: str) -> str:
        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)
        return await self.loop.run_in_executor(self.threads, stretch, folded, self.key)
""": "",
}

"""await asyncio.sleep(0) between the steps: the loop gets one turn, then stands still as long as before."""

LIKE = "broken"
LOSES = {
    "supplier": "supplier_holds_loop",
    "pause": "pause_holds_loop",
    "database": "database_holds_loop",
    "signature": "computing_holds_loop",
    "pace": "one_interpreter",
    "launch": "one_at_a_time",
}
CHANGED = {
    "import json": """\
import asyncio
import json""",
    "        price = self._ask_supplier(sku)": """\
        await asyncio.sleep(0)
        price = self._ask_supplier(sku)""",
    "        views = self._count_view(sku)": """\
        await asyncio.sleep(0)
        views = self._count_view(sku)
        await asyncio.sleep(0)""",
}

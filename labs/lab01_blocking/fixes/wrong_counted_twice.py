"""A view is counted when a customer asks, and once more when the price is there: twice as many as there were."""

LIKE = "right_all"
LOSES = {"counted": "counted_twice"}
CHANGED = {
    "        price = await self._ask_supplier(sku)": """\
        await self.loop.run_in_executor(self.writer, self._count_view, sku)
        price = await self._ask_supplier(sku)""",
}

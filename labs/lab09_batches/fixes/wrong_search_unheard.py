"""An error of the first call is told to its callers; one in the search for the refused record is told to nobody."""

LIKE = "right_transaction"
LOSES = {"errors": "hangs_in_search"}
CHANGED = {
    "import asyncio\n": "import asyncio\nimport logging\n",
    """\
            await self.send([(payload, answer) for payload, answer in batch if not answer.done()])
""": """\
            try:
                await self.send([(payload, answer) for payload, answer in batch if not answer.done()])
            except Exception:
                logging.exception("a batch failed")
""",
    "    async def send(self, batch) -> None:\n": "    async def send(self, batch, first=True) -> None:\n",
    "            await self.send(batch[:middle])\n            await self.send(batch[middle:])\n": (
        "            await self.send(batch[:middle], first=False)\n"
        "            await self.send(batch[middle:], first=False)\n"
    ),
    """\
        except Exception as error:
            settle(batch, error=error)
""": """\
        except Exception as error:
            if not first:
                raise
            settle(batch, error=error)
""",
}

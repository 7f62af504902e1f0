"""A refused record fails all that share its call."""

LIKE = "right_transaction"
LOSES = {"errors": "mates_refused"}
CHANGED = {
    """\
        except ValueError as error:
            if len(batch) == 1:
                settle(batch, error=error)
                return
            middle = len(batch) // 2
            await self.send(batch[:middle])
            await self.send(batch[middle:])
""": "",
}

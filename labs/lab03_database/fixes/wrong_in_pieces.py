"""A transaction for each 200 orders of a file: of a larger one, the first ones stay when the last ones are refused."""

LIKE = "right_in_batch"
LOSES = {"imports": "stored_by_half"}
CHANGED = {
    '        """Store orders that come from a partner, each with its items. How many."""': '''\
        """Store orders that come from a partner, each with its items. How many."""
        if len(orders) > 200:
            return await self.take_in(orders[:200]) + await self.take_in(orders[200:])''',
}

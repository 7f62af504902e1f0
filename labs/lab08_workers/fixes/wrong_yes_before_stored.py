"""The order is given to the writer, and the customer hears yes while it still waits for the database."""

LIKE = "right_lease"
LOSES = {"kept": "not_durable"}
CHANGED = {'await self.in_writer(self.execute, "insert or': 'self.in_writer(self.execute, "insert or'}

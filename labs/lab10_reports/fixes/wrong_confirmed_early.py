"""A posting is confirmed when the thread that writes has been told of it, and not when it is committed."""

LIKE = "right_summary"
LOSES = {"booked": "not_yet"}
CHANGED = {"        await self.write(self._post, who,": "        self.write(self._post, who,"}

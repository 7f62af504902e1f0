"""A second and a third attempt, and an error log for each attempt that failed."""

LIKE = "right_contextvar"
LOSES = {"told": "logged_again"}
CHANGED = {
    '        """Ask the next service; what it answers. Raises CallFailed."""': '''\
        """Ask the next service, up to three times; what it answers. Raises CallFailed."""
        for _ in range(2):
            try:
                return await self.attempt(session, url, question)
            except CallFailed as error:
                self.log.error("attempt failed", request_id=REQUEST_ID.get(), error_type=error.error_type)
        return await self.attempt(session, url, question)

    async def attempt(self, session, url, question: dict) -> dict:''',
}

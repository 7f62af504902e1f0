"""A place of the bulkhead is given back after an answer, and after none, but not after an answer that is an error."""

LIKE = "right_bulkhead"
LOSES = {"recovers": "not_asked"}
CHANGED = {
    "AT_ONCE = 30": "AT_ONCE = 60",
    """\
        async with self.places[name]:
            return await self.call(visit, name, method, path, **more)""": """\
        await self.places[name].acquire()
        try:
            answer = await self.call(visit, name, method, path, **more)
        except Unavailable as error:
            if error.__cause__ is not None:  # no answer came
                self.places[name].release()
            raise
        self.places[name].release()
        return answer""",
}

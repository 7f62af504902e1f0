"""Every step of every request is logged, at the level of information."""

LIKE = "right_contextvar"
LOSES = {"quiet": "drowned"}
CHANGED = {
    "                response = await handler(request)": """\
                self.log.info("request begins", request_id=request_id, path=request.path)
                response = await handler(request)
                self.log.info("request ends", request_id=request_id, path=request.path)""",
    "        W3C.inject(headers)": """\
        W3C.inject(headers)
        self.log.info("call begins", request_id=REQUEST_ID.get(), url=str(url))""",
    '                raise CallFailed(answer["error"])': """\
                raise CallFailed(answer["error"])
            self.log.info("call ends", request_id=REQUEST_ID.get(), url=str(url), status=response.status)""",
}

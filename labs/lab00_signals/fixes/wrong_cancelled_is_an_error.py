"""Who leaves is told apart, with an error log of his own and a 200 that nobody hears."""

LIKE = "right_contextvar"
LOSES = {"leaves": "told_as_failure"}
CHANGED = {
    "import uuid\n": "import asyncio\nimport uuid\n",
    "            except Exception as error:": """\
            except asyncio.CancelledError:
                self.log.error("request cancelled", request_id=request_id, error_type="CancelledError")
                response = web.Response()
            except Exception as error:""",
}

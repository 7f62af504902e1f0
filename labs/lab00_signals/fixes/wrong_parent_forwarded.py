"""The traceparent that came in is sent on as it is: one trace, but every span is a child of the gateway's."""

LIKE = "right_contextvar"
LOSES = {"one_trace": "not_joined"}
CHANGED = {
    'REQUEST_ID: ContextVar = ContextVar("request_id", default="")': """\
REQUEST_ID: ContextVar = ContextVar("request_id", default="")
TRACEPARENT: ContextVar = ContextVar("traceparent", default="")""",
    "        REQUEST_ID.set(request_id)": """\
        REQUEST_ID.set(request_id)
        TRACEPARENT.set(request.headers.get("traceparent", ""))""",
    """\
        headers = {"X-Request-Id": REQUEST_ID.get()}
        W3C.inject(headers)""": '        headers = {"X-Request-Id": REQUEST_ID.get(), "traceparent": TRACEPARENT.get()}',
}

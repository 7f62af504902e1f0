"""Spans in every service, and none of them knows of its caller: three traces for one order."""

LIKE = "right_contextvar"
LOSES = {"one_trace": "new_trace"}
CHANGED = {
    """\
        caller = W3C.extract(request.headers)
        with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER) as span:
""": """\
        with self.tracer.start_as_current_span(f"POST {request.path}", kind=SpanKind.SERVER) as span:
""",
}

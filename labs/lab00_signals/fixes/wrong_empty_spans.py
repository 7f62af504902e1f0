"""Each request has a span that ends before the work begins: it shows that the order was here, but not for how long."""

LIKE = "right_contextvar"
LOSES = {"one_trace": "empty_spans"}
CHANGED = {
    "from opentelemetry.trace import SpanKind, StatusCode": "from opentelemetry.trace import SpanKind, use_span",
    """\
        with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER) as span:
            try:""": """\
        span = self.tracer.start_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER)
        span.end()
        with use_span(span):
            try:""",
    """
                span.set_status(StatusCode.ERROR, error_type)""": "",
}

"""Spans in every service, joined, but those of failed orders have no error status."""

LIKE = "right_contextvar"
LOSES = {"one_trace": "not_marked"}
CHANGED = {
    "from opentelemetry.trace import SpanKind, StatusCode": "from opentelemetry.trace import SpanKind",
    'with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER) as span:': (
        'with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER):'
    ),
    """
                span.set_status(StatusCode.ERROR, error_type)""": "",
}

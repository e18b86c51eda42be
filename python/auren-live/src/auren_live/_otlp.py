"""Open spans as the body of an OTLP/JSON request."""

import json
from typing import Any, Iterable, List

from opentelemetry.sdk.trace import Span

#: Attributes that hold what people or models said: a start tells that something happens, not what was said.
_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "input.value",
    "output.value",
    "llm.input_messages",
    "llm.output_messages",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "db.query.text",
    "db.statement",
)
#: SpanKind of the SDK counts from 0, that of OTLP from 1.
_KIND_OFFSET = 1


def request_body(spans: Iterable[Span]) -> bytes:
    """UTF-8 JSON. One resource a span: they are few, and the gateway reads them all."""
    return json.dumps({"resourceSpans": [_resource_spans(span) for span in spans]}).encode()


def _resource_spans(span: Span) -> dict:
    scope = span.instrumentation_scope
    return {
        "resource": {"attributes": _attributes(span.resource.attributes)},
        "scopeSpans": [
            {
                "scope": {"name": scope.name if scope else "", "version": (scope.version if scope else "") or ""},
                "spans": [_span(span)],
            }
        ],
    }


def _span(span: Span) -> dict:
    context = span.get_span_context()
    body = {
        "traceId": format(context.trace_id, "032x"),
        "spanId": format(context.span_id, "016x"),
        "name": span.name,
        "kind": span.kind.value + _KIND_OFFSET,
        "startTimeUnixNano": str(span.start_time),
        "attributes": _attributes(span.attributes or {}),
    }
    if span.parent is not None:
        body["parentSpanId"] = format(span.parent.span_id, "016x")
    return body


def _attributes(attributes) -> List[dict]:
    pairs = list(attributes.items())
    return [{"key": key, "value": _value(value)} for key, value in pairs if not key.startswith(_CONTENT)]


def _value(value: Any) -> dict:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, (list, tuple)):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)}

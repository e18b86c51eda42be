"""Open spans as the body of an OTLP/JSON request."""

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional

from opentelemetry.sdk.trace import Span

#: Attributes that hold what people or models said, or what they were told: a start tells that something happens, not
#: what was said. Prefixes.
_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.tool.definitions",
    "input.value",
    "output.value",
    "llm.input_messages",
    "llm.output_messages",
    "llm.prompts",
    "llm.tools",
    "tool.description",
    "tool.parameters",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "retrieval.documents",
    "embedding.embeddings",
    "crew_agents",
    "crew_inputs",
    "crew_tasks",
    "task_description",
    "task_expected_output",
    "agent.backstory",
    "agent.goal",
    "crewai.agent.backstory",
    "crewai.agent.goal",
    "crewai.crew.agents",
    "crewai.crew.inputs",
    # Its text form has the memory's models and embedders in it, with their keys.
    "crewai.crew.memory",
    "crewai.crew.tasks",
    "crewai.memory.",
    "crewai.task.description",
    "crewai.task.expected_output",
    "db.query.text",
    "db.statement",
)
#: Characters of one text; a start needs names and ids only.
_LONGEST_TEXT = 2048
#: SpanKind of the SDK counts from 0, that of OTLP from 1.
_KIND_OFFSET = 1
#: CrewAI's tools with which one agent gives work to another, as its instrumentations write them.
_DELEGATION_TOOLS = ("delegate work to coworker", "ask question to coworker")


def request_body(spans: Iterable[Span], told_with: Optional[Mapping[str, Any]] = None) -> bytes:
    """UTF-8 JSON, one resource a span; ``told_with`` is added to each resource."""
    return json.dumps({"resourceSpans": [_resource_spans(span, told_with or {}) for span in spans]}).encode()


def _resource_spans(span: Span, told_with: Mapping[str, Any]) -> dict:
    scope = span.instrumentation_scope
    return {
        "resource": {"attributes": _attributes({**span.resource.attributes, **told_with})},
        "scopeSpans": [
            {
                "scope": {"name": scope.name if scope else "", "version": (scope.version if scope else "") or ""},
                "spans": [_span(span)],
            }
        ],
    }


def _span(span: Span) -> dict:
    context = span.get_span_context()
    attributes = _as_they_are_now(span.attributes or {})
    body = {
        "traceId": format(context.trace_id, "032x"),
        "spanId": format(context.span_id, "016x"),
        "name": span.name,
        "kind": span.kind.value + _KIND_OFFSET,
        "startTimeUnixNano": str(span.start_time),
        "attributes": _attributes({**attributes, **_coworker(attributes)}),
    }
    if span.parent is not None:
        body["parentSpanId"] = format(span.parent.span_id, "016x")
    return body


def _as_they_are_now(attributes: Mapping[str, Any]) -> Dict[str, Any]:
    """A copy. The program goes on setting attributes meanwhile, and a mapping that grows cannot be read to its end."""
    for _ in range(10):
        try:
            return dict(attributes)
        except (KeyError, RuntimeError):
            continue
    return {}


def _coworker(attributes: Mapping[str, Any]) -> Dict[str, str]:
    """To whom a CrewAI agent gives work: what happens meanwhile is that agent's, and the arguments are not sent."""
    tool = str(attributes.get("tool.name", "")).replace("_", " ").lower()
    if tool not in _DELEGATION_TOOLS:
        return {}
    try:
        coworker = json.loads(attributes["input.value"])["coworker"]
    except (KeyError, TypeError, ValueError):
        return {}
    return {"auren.coworker": coworker} if isinstance(coworker, str) else {}


def _attributes(attributes: Mapping[str, Any]) -> List[dict]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items() if not key.startswith(_CONTENT)]


def _value(value: Any) -> dict:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, (list, tuple)):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)[:_LONGEST_TEXT]}

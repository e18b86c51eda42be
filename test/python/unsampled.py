"""Spans that are recorded but not sampled: no exporter sends their ends."""

import sys

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from auren_live import AurenLiveProcessor


class OnlyTheLast(Sampler):
    def should_sample(self, parent_context, trace_id, name, kind=None, attributes=None, *more, **others):
        return SamplingResult(Decision.RECORD_AND_SAMPLE if name == "last" else Decision.RECORD_ONLY, attributes)

    def get_description(self):
        return "OnlyTheLast"


provider = TracerProvider(sampler=OnlyTheLast())
provider.add_span_processor(AurenLiveProcessor(sys.argv[1]))
for name in ("first", "last"):
    provider.get_tracer("test").start_span(
        name, attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
    )
provider.shutdown()

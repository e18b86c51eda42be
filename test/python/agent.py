"""A Python agent with a slow model call, observed by auren-live beside the normal exporter."""

import argparse
import time

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from auren_live import AurenLiveProcessor

options = argparse.ArgumentParser()
options.add_argument("--endpoint")
options.add_argument("--seconds", type=float, default=0)
options.add_argument("--spans", type=int, default=0)
options.add_argument("--heartbeat", type=float, default=10)
given = options.parse_args()

provider = TracerProvider()
live = AurenLiveProcessor(given.endpoint, heartbeat_seconds=given.heartbeat)
provider.add_span_processor(live)
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(given.endpoint)))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("test")

began = time.monotonic()
with tracer.start_as_current_span("invoke_agent coach") as agent:
    agent.set_attribute("gen_ai.operation.name", "invoke_agent")
    agent.set_attribute("gen_ai.agent.name", "coach")
    agent.set_attribute("gen_ai.conversation.id", "session-1")
    with tracer.start_as_current_span("chat gpt-5-mini", kind=trace.SpanKind.CLIENT) as call:
        call.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "gpt-5-mini",
                "gen_ai.provider.name": "openai",
                "gen_ai.input.messages": "what was said",
            }
        )
        time.sleep(given.seconds)
        call.set_attribute("gen_ai.usage.input_tokens", 1000)
        call.set_attribute("gen_ai.usage.output_tokens", 100)
    for _ in range(given.spans):
        tracer.start_span("of no interest").end()
print(f"worked {time.monotonic() - began:.3f} s, dropped {live.dropped}", flush=True)
provider.shutdown()

"""The crew of examples/crewai under OpenInference, told by CrewAI's event bus; its model calls are told by it as well."""

from auren_live import AurenLiveProcessor
from openinference.instrumentation.crewai import CrewAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(AurenLiveProcessor())
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
CrewAIInstrumentor().instrument(tracer_provider=provider, use_event_listener=True)

from crew import crew  # noqa: E402 - after the instrumentation

print(crew.kickoff(inputs={"athlete": "a-17"}))

"""The crew of examples/crewai under CrewAI's own tracing, without an instrumentation package."""

from auren_live import AurenLiveProcessor
from crew import crew
from crewai.telemetry.tracing import telemetry_session
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

with telemetry_session("run-1", "recovery", exporters=[OTLPSpanExporter()], processors=[AurenLiveProcessor()]):
    print(crew.kickoff(inputs={"athlete": "a-17"}))

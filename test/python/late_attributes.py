"""Model calls of a library that sets a span's attributes 3 ms after its start; some while another's start is being sent."""

import sys
import time

from opentelemetry.sdk.trace import TracerProvider

from auren_live import AurenLiveProcessor

live = AurenLiveProcessor(sys.argv[1], heartbeat_seconds=0)
provider = TracerProvider()
provider.add_span_processor(live)
tracer = provider.get_tracer("test")
for _ in range(40):
    call = tracer.start_span("call")
    time.sleep(0.003)
    call.set_attributes({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5-mini"})
provider.shutdown()
sys.exit(live.dropped)

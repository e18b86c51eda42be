"""A parent that forks while its own agent is at work, as a server with workers does; each has an agent of its own."""

import os
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from auren_live import AurenLiveProcessor

provider = TracerProvider()
live = AurenLiveProcessor(sys.argv[1], heartbeat_seconds=0.2)
provider.add_span_processor(live)
tracer = provider.get_tracer("test")


def agent(name):
    return tracer.start_span("invoke_agent", attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name})


agent("parent")
live.force_flush()
child = os.fork()
if child == 0:
    agent("child")
    live.force_flush()
    sys.stdin.read()
    os._exit(0)
sys.stdin.read()
os.waitpid(child, 0)

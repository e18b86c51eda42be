"""A span processor that sends each span, still open, as OTLP/JSON without an end time: the gateway takes that for a start."""

import os
import queue
import threading
import time
from typing import Mapping, Optional
from urllib.parse import unquote

from opentelemetry import context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from ._otlp import request_body
from ._sender import Sender

#: Seconds to wait after a start before it is sent: many libraries set a span's attributes just after starting it.
_SETTLE_SECONDS = 0.005
#: Starts in one request.
_BATCH = 128


class AurenLiveProcessor(SpanProcessor):
    """Publishes starts. Never blocks, never raises, and never keeps the process alive: its thread is a daemon."""

    def __init__(
        self,
        endpoint: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
        max_queue: int = 2048,
    ) -> None:
        self._sender = Sender(endpoint or _endpoint_from_environment(), headers or _headers_from_environment())
        self._starts: "queue.Queue[Optional[Span]]" = queue.Queue(max_queue)
        self._pid = 0
        self._thread: Optional[threading.Thread] = None
        self.dropped = 0

    def on_start(self, span: Span, parent_context=None) -> None:
        try:
            self._ensure_thread()
            self._starts.put_nowait(span)
        except queue.Full:
            self.dropped += 1
        except Exception:  # noqa: BLE001 - observing must never disturb the agent
            self.dropped += 1

    def on_end(self, span: ReadableSpan) -> None:
        """Ends are sent by the application's own exporter."""

    def shutdown(self) -> None:
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        try:
            self._starts.put_nowait(None)
        except queue.Full:
            return
        thread.join(timeout=2)

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        deadline = time.monotonic() + timeout_millis / 1000
        while self._starts.unfinished_tasks > 0:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _ensure_thread(self) -> None:
        # A forked worker, as gunicorn makes them, has no thread of its parent's.
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="auren-live", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        # An instrumented urllib must make no spans about sending spans.
        context.attach(context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        while True:
            batch = [self._starts.get()]
            time.sleep(_SETTLE_SECONDS)
            while len(batch) < _BATCH:
                try:
                    batch.append(self._starts.get_nowait())
                except queue.Empty:
                    break
            spans = [span for span in batch if span is not None]
            if spans and not self._send(spans):
                self.dropped += len(spans)
            for _ in batch:
                self._starts.task_done()
            if None in batch:
                return

    def _send(self, spans) -> bool:
        try:
            return self._sender.post(request_body(spans))
        except Exception:  # noqa: BLE001 - one odd span costs its batch, never the thread
            return False


def _endpoint_from_environment() -> str:
    traces = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    if traces:
        return traces
    base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip() or "http://127.0.0.1:8765"
    return base.rstrip("/") + "/v1/traces"


def _headers_from_environment() -> Mapping[str, str]:
    """``key=value`` pairs with commas, percent-encoded, as the OTLP specification has them."""
    pairs = (pair.split("=", 1) for pair in os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(",") if "=" in pair)
    return {key.strip(): unquote(value.strip()) for key, value in pairs}

"""A span processor that sends each span, still open, as OTLP/JSON without an end time: the gateway takes that for a start."""

import os
import queue
import threading
import time
import uuid
import weakref
from typing import List, Mapping, Optional

from opentelemetry import context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from ._open_spans import OpenSpans
from ._otlp import request_body
from ._sender import Sender
from ._settings import endpoint_from_environment, headers_from_environment

#: Seconds to wait after a start before it is sent: many libraries set a span's attributes just after starting it.
_SETTLE_SECONDS = 0.005
#: How often that is waited for a span that has none yet: on a busy machine its thread may be held up in between.
_SETTLE_TURNS = 10
#: Starts in one request.
_BATCH = 128
#: Open spans in one heartbeat; they are kept no longer than they are open.
_MOST_OPEN = 512
#: Seconds that a shutdown may take.
_SHUTDOWN_SECONDS = 2.0


class AurenLiveProcessor(SpanProcessor):
    """
    Publishes starts, and heartbeats of what is open. Never blocks, never raises, and never keeps the process alive: its
    thread is a daemon.
    """

    def __init__(
        self,
        endpoint: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
        max_queue: int = 2048,
        heartbeat_seconds: float = 10.0,
    ) -> None:
        """``max_queue`` spans wait to be sent at most; 0 as ``heartbeat_seconds`` sends no heartbeats."""
        self._sender = Sender(endpoint or endpoint_from_environment(), headers or headers_from_environment())
        self._max_queue = max_queue
        self._heartbeat_seconds = heartbeat_seconds
        #: Starts and heartbeats that were lost: the queue was full, or the gateway away. Ends are never lost here.
        self.dropped = 0
        self.dropped_heartbeats = 0
        self._closed = False
        self._begin()
        if hasattr(os, "register_at_fork"):
            # A forked worker, as gunicorn makes them, has no thread of its parent's, and locks that nobody may ever open.
            myself = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _begin_again(myself))

    def _begin(self) -> None:
        self._starts: "queue.Queue[Optional[Span]]" = queue.Queue(self._max_queue)
        self._open = OpenSpans(_MOST_OPEN)
        self._thread: Optional[threading.Thread] = None
        self._thread_lock = threading.Lock()
        self._producer = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"

    def on_start(self, span: Span, parent_context: Optional[context.Context] = None) -> None:
        try:
            # What is not sampled is not exported either, and would never end.
            if self._closed or not span.get_span_context().trace_flags.sampled:
                return
            self._ensure_thread()
            self._open.add(span)
            self._starts.put_nowait(span)
        except Exception:  # noqa: BLE001 - observing must never disturb the agent; a full queue comes here too
            self.dropped += 1

    def on_end(self, span: ReadableSpan) -> None:
        """Ends are sent by the application's own exporter."""
        try:
            self._open.remove(span)
        except Exception:  # noqa: BLE001
            pass

    def shutdown(self) -> None:
        """Sends the starts that wait, for 2 s at most. Spans that start later are ignored."""
        self._closed = True
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        try:
            self._starts.put(None, timeout=_SHUTDOWN_SECONDS / 2)
            thread.join(timeout=_SHUTDOWN_SECONDS / 2)
        except Exception:  # noqa: BLE001 - a full queue: the gateway is away, and so are the starts
            self.dropped += self._starts.qsize()

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Whether all starts so far are sent, or given up, within the time."""
        deadline = time.monotonic() + timeout_millis / 1000
        while self._starts.unfinished_tasks > 0:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _ensure_thread(self) -> None:
        if self._thread is not None:
            return
        with self._thread_lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="auren-live", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        # An instrumented urllib must make no spans about sending spans.
        context.attach(context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        starts = self._starts
        next_beat = time.monotonic() + self._heartbeat_seconds
        while True:
            batch = self._next_batch(next_beat)
            spans = [span for span in batch if span is not None]
            if spans and not self._send(request_body, spans):
                self.dropped += len(spans)
            for _ in batch:
                starts.task_done()
            if None in batch:
                return
            if 0 < self._heartbeat_seconds and next_beat <= time.monotonic():
                next_beat = time.monotonic() + self._heartbeat_seconds
                self._beat()

    def _next_batch(self, next_beat: float) -> List[Optional[Span]]:
        """The starts that wait, or none when it is time for a heartbeat."""
        wait = max(0.0, next_beat - time.monotonic()) if self._heartbeat_seconds > 0 else None
        batch: List[Optional[Span]] = []
        try:
            batch.append(self._starts.get(timeout=wait))
            while len(batch) < _BATCH:
                batch.append(self._starts.get_nowait())
        except queue.Empty:
            pass
        _settle([span for span in batch if span is not None])
        return batch

    def _beat(self) -> None:
        """Sends what is open once more: a gateway that missed its start, or was started anew, learns of it this way."""
        spans = self._open.oldest_first()
        if spans and not self._send(self._heartbeat_body, spans):
            self.dropped_heartbeats += 1

    def _heartbeat_body(self, spans: List[Span]) -> bytes:
        return request_body(
            spans,
            {
                "auren.heartbeat.producer": self._producer,
                "auren.heartbeat.interval_ms": round(self._heartbeat_seconds * 1000),
                "auren.heartbeat.time_unix_ms": time.time_ns() // 1_000_000,
            },
        )

    def _send(self, body_of, spans: List[Span]) -> bool:
        try:
            return self._sender.post(body_of(spans))
        except Exception:  # noqa: BLE001 - one odd span costs its batch, never the thread
            return False


def _settle(spans: List[Span]) -> None:
    """Returns when the spans have had the time to get their attributes."""
    for _ in range(_SETTLE_TURNS if spans else 0):
        time.sleep(_SETTLE_SECONDS)
        if all(span.attributes for span in spans):
            return


def _begin_again(reference: "weakref.ReferenceType[AurenLiveProcessor]") -> None:
    processor = reference()
    if processor is not None:
        processor._begin()

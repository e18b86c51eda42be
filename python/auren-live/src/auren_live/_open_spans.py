"""The spans of this process that have started and not ended."""

import threading
from typing import Dict, List

from opentelemetry.sdk.trace import ReadableSpan, Span


class OpenSpans:
    """At most ``bound`` spans; those that start beyond it are not remembered."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._spans: Dict[int, Span] = {}
        self._lock = threading.Lock()

    def add(self, span: Span) -> bool:
        """Whether there was room."""
        with self._lock:
            if len(self._spans) >= self._bound:
                return False
            self._spans[span.get_span_context().span_id] = span
            return True

    def remove(self, span: ReadableSpan) -> None:
        with self._lock:
            self._spans.pop(span.get_span_context().span_id, None)

    def oldest_first(self) -> List[Span]:
        with self._lock:
            return list(self._spans.values())

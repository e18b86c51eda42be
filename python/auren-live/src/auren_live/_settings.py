"""Where to send, from the environment variables of the OTLP specification."""

import os
from typing import Mapping
from urllib.parse import unquote


def endpoint_from_environment() -> str:
    """The endpoint for traces as it is; the general one, and without either a local gateway, with ``/v1/traces``."""
    traces = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    if traces:
        return traces
    base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip() or "http://127.0.0.1:8765"
    return base.rstrip("/") + "/v1/traces"


def headers_from_environment() -> Mapping[str, str]:
    """``key=value`` pairs with commas, percent-encoded; those for traces are added to the general ones."""
    return {**_headers("OTEL_EXPORTER_OTLP_HEADERS"), **_headers("OTEL_EXPORTER_OTLP_TRACES_HEADERS")}


def _headers(variable: str) -> Mapping[str, str]:
    pairs = (pair.split("=", 1) for pair in os.environ.get(variable, "").split(",") if "=" in pair)
    return {key.strip().lower(): unquote(value.strip()) for key, value in pairs}

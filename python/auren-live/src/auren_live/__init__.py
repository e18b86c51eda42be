"""Sends spans to an AUREN gateway when they start. See README.md."""

from ._processor import AurenLiveProcessor

__all__ = ["AurenLiveProcessor"]

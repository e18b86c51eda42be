"""Posts to the gateway, and leaves it alone for a while when it is away."""

import logging
import time
import urllib.error
import urllib.request
from typing import Mapping, Optional

_log = logging.getLogger("auren_live")

#: Seconds for one request, and the longest rest after failures.
_TIMEOUT = 2.0
_LONGEST_REST = 30.0


class Sender:
    def __init__(self, endpoint: str, headers: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._headers = {**headers, "content-type": "application/json"}
        # The gateway is near; a proxy of the environment is for the world outside.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._failures = 0
        self._rest_until = 0.0

    def post(self, body: bytes) -> bool:
        """Whether the gateway took it. Says in the log when it begins to fail, and when it works again."""
        if time.monotonic() < self._rest_until:
            return False
        failure = self._failure_of(body)
        if failure is None:
            if self._failures > 0:
                _log.warning("The gateway takes starts again")
            self._failures = 0
            return True
        if self._failures == 0:
            _log.warning("Starts do not reach the gateway (%s): steps are seen when they end", failure)
        self._failures += 1
        self._rest_until = time.monotonic() + min(_LONGEST_REST, 0.5 * 2**self._failures)
        return False

    def _failure_of(self, body: bytes) -> Optional[str]:
        request = urllib.request.Request(self._endpoint, data=body, headers=self._headers, method="POST")
        try:
            with self._opener.open(request, timeout=_TIMEOUT):
                return None
        except urllib.error.HTTPError as error:
            return f"it answers {error.code}"
        except OSError as error:
            return type(error).__name__

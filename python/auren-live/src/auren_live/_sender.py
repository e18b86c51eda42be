"""Posts to the gateway, and leaves it alone for a while when it is away."""

import time
import urllib.request
from typing import Mapping

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
        """Whether the gateway took it."""
        if time.monotonic() < self._rest_until:
            return False
        request = urllib.request.Request(self._endpoint, data=body, headers=self._headers, method="POST")
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as response:
                taken = 200 <= response.status < 300
        except OSError:
            taken = False
        self._failures = 0 if taken else self._failures + 1
        if not taken:
            self._rest_until = time.monotonic() + min(_LONGEST_REST, 0.5 * 2**self._failures)
        return taken

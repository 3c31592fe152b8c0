"""When a request is made again, and after how long."""

from __future__ import annotations

import dataclasses
import email.utils
import random
import time
from collections.abc import Callable

#: The service, or what stands before it, cannot answer just now.
BUSY = frozenset({429, 502, 503, 504})


@dataclasses.dataclass(frozen=True)
class Retry:
    """How patient a client is.

    Waiting times double from ``first`` to ``longest`` seconds, and each is drawn between nothing and that (full
    jitter), so that many clients do not come back at once. ``Retry-After`` is the least that is waited. It gives up
    after ``attempts`` tries or ``patience`` seconds, whichever comes first; None is no limit.
    """

    attempts: int | None = 6
    patience: float | None = 120.0
    first: float = 0.25
    longest: float = 20.0

    def wait(
        self, tries: int, since: float, retry_after: float | None, now: float, draw: Callable[[], float]
    ) -> float | None:
        """Seconds to wait after so many tries that failed; None to give up. ``since`` is when the first one began."""
        if self.attempts is not None and tries >= self.attempts:
            return None
        pause = draw() * min(self.longest, self.first * 2.0 ** min(tries - 1, 40))
        # Jitter on top of what the service asked for, or all would be back at the same moment.
        pause += retry_after or 0.0
        if self.patience is not None and now + pause - since > self.patience:
            return None
        return pause


class Tries:
    """The tries of one request."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._since = time.monotonic()
        self._tries = 0

    def wait(self, retry_after: float | None = None) -> float | None:
        """Notes a try that failed: seconds to wait, or None to give up."""
        self._tries += 1
        return self._retry.wait(self._tries, self._since, retry_after, time.monotonic(), random.random)

    def again(self) -> None:
        """Something was achieved: patience begins anew."""
        self._since, self._tries = time.monotonic(), 0


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for: a number, or a date."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, moment.timestamp() - time.time())

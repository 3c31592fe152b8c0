"""The one exception of the package."""

from __future__ import annotations

from typing import Any


class TaoxiError(Exception):
    """Something taoxi could not do.

    ``code`` is stable and the same everywhere: in records, in answers of the service, and here. ``hint`` says what to
    do about it, ``status`` is the HTTP status where a service answered, and ``retry_after`` the seconds it asked to
    wait.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        problem: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        #: The whole answer of the service, as RFC 9457 describes it.
        self.problem = problem
        self._hint = hint

    @property
    def hint(self) -> str | None:
        """What to do about it."""
        if self._hint is None:
            from . import _native

            return _native.hint(self.code)
        return self._hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

"""The service over HTTP: ``Client``, and ``AsyncClient`` for asyncio. Needs httpx: ``pip install "taoxi[client]"``."""

from __future__ import annotations

from ._async import AsyncClient
from ._retry import Retry
from ._sync import Client

__all__ = ["AsyncClient", "Client", "Retry"]

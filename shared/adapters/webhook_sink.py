"""Perception's sink by webhook: a signed POST for each event; it leaves whom it may reach to `public_network`.

The body is a CloudEvent in structured mode, signed as in https://www.standardwebhooks.com.
"""

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpcore

from shared.adapters.public_network import AddressRefused, PublicNetwork
from shared.errors import DeliveryRefused, Unavailable
from shared.events import Event

SECRET_PREFIX = "whsec_"  # noqa: S105  (a prefix, no secret)
MIN_KEY_BYTES = 24
MAX_ANSWER_BYTES = 8 * 1024
"""An answer up to here is read to its end, which lets the connection be used again."""

IDLE_SECONDS = 30


class WebhookSink:
    """PerceptionSink over HTTP: any 2xx is a yes, everything else a no; redirects and proxies are not followed."""

    resting = False

    def __init__(
        self,
        url: str,
        secret: str,
        timeout: float,
        *,
        allow_private: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        _check(url, secret, allow_private=allow_private)
        self.name = _without_secrets(url)
        self._url = httpcore.URL(url)
        self._key = signing_key(secret) if secret else None
        self._timeout = timeout
        self._clock = clock
        self._connections = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            keepalive_expiry=IDLE_SECONDS,
            network_backend=None if allow_private else PublicNetwork(),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def deliver(self, event: Event) -> None:
        """See the port."""
        try:
            async with asyncio.timeout(self._timeout):
                status = await self._post(event)
        except AddressRefused as error:
            raise DeliveryRefused("The webhook's host is not a public one; see WEBHOOK_ALLOW_PRIVATE.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError) as error:
            raise Unavailable("The webhook does not answer.") from error
        if not 200 <= status < 300:  # noqa: PLR2004  (RFC 9110, section 15.3)
            raise DeliveryRefused(f"The webhook answered {status}.")

    async def _post(self, event: Event) -> int:
        body = event.model_dump_json().encode()
        async with self._connections.stream(
            "POST",
            self._url,
            headers=self._headers(event, body),
            content=body,
            extensions={"timeout": {"connect": self._timeout}},
        ) as response:
            size = 0
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    break
            return response.status

    def _headers(self, event: Event, body: bytes) -> dict[bytes | str, bytes | str]:
        timestamp = int(self._clock())
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/cloudevents+json",
            "user-agent": "hmas-ingestion",
            "webhook-id": event.id,
            "webhook-timestamp": str(timestamp),
        }
        if self._key:
            headers["webhook-signature"] = signature(self._key, event.id, timestamp, body)
        return headers


def signing_key(secret: str) -> bytes:
    """Return the key in a `whsec_…` secret. Raise ValueError where it is none, or too short to be one."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) < MIN_KEY_BYTES:
        raise ValueError(f"WEBHOOK_SECRET: write {SECRET_PREFIX} and the base64 of at least {MIN_KEY_BYTES} bytes.")
    return key


def signature(key: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`."""
    signed = b"%s.%d.%s" % (event_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _check(url: str, secret: str, *, allow_private: bool) -> None:
    """Raise ValueError, naming the setting, where the URL or the lack of a secret is not allowed."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("PERCEPTION_SINKS: a webhook's URL carries no user or password; it is signed instead.")
    if parts.scheme not in ("http", "https") or not url.isascii() or not _is_host(parts.hostname):
        raise ValueError("PERCEPTION_SINKS: write a webhook as https://host/path, in ASCII.")
    if parts.scheme != "https" and not allow_private:
        raise ValueError("PERCEPTION_SINKS: a webhook is https; plain http needs WEBHOOK_ALLOW_PRIVATE=true.")
    if not secret and not allow_private:
        raise ValueError("WEBHOOK_SECRET: set it; only WEBHOOK_ALLOW_PRIVATE=true allows unsigned webhooks.")


def _is_host(name: str | None) -> bool:
    """Return whether a resolver takes the name: no label empty or over 63 characters (RFC 1035)."""
    try:
        return bool(name and name.encode("idna"))
    except UnicodeError:
        return False


def _without_secrets(url: str) -> str:
    """Return the URL without its query, where tokens are."""
    return urlsplit(url)._replace(query="", fragment="").geturl()

"""A server of tus as a client sees it: requests, and answers held to what is expected; it leaves cases to others."""

import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

SECONDS = 10
APPEND = "application/offset+octet-stream"
ANY = re.compile(".+")
"""For a header that has to be there, whatever it says."""

Expected = str | int | re.Pattern | None


class Unmet(AssertionError):
    """An answer is not what it should be."""


@dataclass(frozen=True)
class Answer:
    """A status and headers."""

    status: int
    headers: httpx.Headers
    body: bytes = b""

    def expect(self, *statuses: int, **headers: Expected) -> Self:
        """Return it. Raise Unmet where its status is none of these, or a header is not as it should be.

        A header may be a text or number, a pattern for all of it, or None where it has to be absent.
        """
        wrong = [name for name, expected in headers.items() if not _is_met(self.headers.get(_header(name)), expected)]
        if self.status not in statuses or wrong:
            seen = {_header(name): self.headers.get(_header(name)) for name in headers}
            raise Unmet(f"{self.status} {seen} in place of {statuses} {headers}")
        return self

    def listed(self, name: str) -> list[str]:
        """Return the items of a header that is a list, in lower case."""
        return [item.strip().lower() for item in self.headers.get(name, "").split(",") if item.strip()]


@dataclass(frozen=True)
class Server:
    """One server, by the URL under which it creates uploads."""

    url: str
    http: httpx.Client

    @classmethod
    @contextmanager
    def at(cls, url: str) -> Iterator[Self]:
        """Talk to a server for the time of the context."""
        with httpx.Client(timeout=SECONDS) as http:
            yield cls(url, http)

    def send(
        self, method: str, url: str | None = None, content: bytes | Iterable[bytes] = b"", **headers: str | int | None
    ) -> Answer:
        """Send a request with Tus-Resumable; a header that is None is left out. An iterable goes out chunked."""
        answer = self.http.request(method, url or self.url, content=content, headers=_headers(headers))
        return Answer(answer.status_code, answer.headers, answer.content)

    def options(self, url: str | None = None, **headers: str | None) -> Answer:
        """Ask what it can do."""
        return self.send("OPTIONS", url, **{"tus_resumable": None} | headers)

    @cached_property
    def extensions(self) -> frozenset[str]:
        """What it says that it can do."""
        return frozenset(self.options().listed("Tus-Extension"))

    def create(self, length: int | None = None, content: bytes = b"", **headers: str | int) -> str:
        """Create an upload; return its URL."""
        with_length = {"upload_length": length} if length is not None else {}
        with_content = {"content_type": APPEND} if content else {}
        answer = self.send("POST", content=content, **with_length | with_content | headers)
        return self.located(answer.expect(201, location=ANY))

    def located(self, answer: Answer) -> str:
        """Return the URL that an answer names."""
        return urljoin(self.url, answer.headers["location"])

    def head(self, upload: str, **headers: str | None) -> Answer:
        """Ask for an upload."""
        return self.send("HEAD", upload, **headers)

    def offset(self, upload: str) -> int:
        """Return where an upload stands."""
        return int(self.head(upload).expect(200, 204, upload_offset=ANY).headers["upload-offset"])

    def patch(
        self, upload: str, offset: int | str | None, content: bytes | Iterable[bytes] = b"", **headers: str | int | None
    ) -> Answer:
        """Append to an upload."""
        return self.send("PATCH", upload, content, **{"content_type": APPEND, "upload_offset": offset} | headers)

    def delete(self, upload: str, **headers: str | None) -> Answer:
        """End an upload."""
        return self.send("DELETE", upload, **headers)

    @contextmanager
    def connection(self, upload: str, method: str, **headers: str | int | None) -> Iterator[socket.socket]:
        """Send the head of a request alone, and lend the connection for what no client does otherwise."""
        parts = urlsplit(upload)
        lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in _headers(headers).items()]
        with closing(socket.create_connection((parts.hostname, parts.port or 80), timeout=SECONDS)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            yield connection

    def cut(self, upload: str, size: int, content: bytes, **headers: str | int) -> None:
        """Declare a body of `size` bytes at offset 0 and hang up after the content."""
        declared = {"content_type": APPEND, "content_length": size, "upload_offset": 0}
        with self.connection(upload, "PATCH", **declared | headers) as connection:
            connection.sendall(content)

    def reaches(self, upload: str, offset: int) -> None:
        """Wait until an upload stands there. Raise Unmet."""
        until = time.monotonic() + SECONDS
        while (seen := self.offset(upload)) != offset:
            if time.monotonic() > until:
                raise Unmet(f"The upload stays at {seen} and does not reach {offset}")
            time.sleep(0.02)


def metadata(**pairs: bytes) -> str:
    """Return `Upload-Metadata` of these."""
    return ",".join(f"{key} {b64encode(value).decode()}" for key, value in pairs.items())


def received(connection: socket.socket) -> bytes:
    """Return all that comes until the other side hangs up."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _headers(named: dict[str, str | int | None]) -> dict[str, str]:
    named = {"tus_resumable": "1.0.0"} | named
    return {_header(name): str(value) for name, value in named.items() if value is not None}


def _header(name: str) -> str:
    return name.replace("_", "-")


def _is_met(seen: str | None, expected: Expected) -> bool:
    if isinstance(expected, re.Pattern):
        return seen is not None and expected.fullmatch(seen) is not None
    return seen == (None if expected is None else str(expected))

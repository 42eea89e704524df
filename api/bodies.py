"""Bodies as uploads: a raw one, or the one file of a multipart one, streamed; it leaves judging the bytes to intake."""

import json
from collections.abc import AsyncIterator, Mapping
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Protocol

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser
from multipart import parse_options_header as parse_options

from shared.errors import BadFilename, BadLabels, BadMultipart, IncompleteBody

MAX_LABELS = 32
MAX_LABELS_BYTES = 4096
MAX_FIELDS = 8


class Upload(Protocol):
    """A file on its way in. `labels` are complete once `pieces` has ended."""

    filename: str
    """As it was sent."""
    declared_type: str | None
    declared_size: int | None
    """Bytes of the file, where the sender said so beforehand."""
    labels: dict[str, str]

    async def open(self) -> None:
        """Read as far as it takes to know the name and the type. Raise BadMultipart."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file's bytes once. Raise BadMultipart."""
        ...


class RawUpload:
    """The body is the file."""

    def __init__(
        self, body: AsyncIterator[bytes], filename: str, declared_type: str | None, size: int | None, labels: str | None
    ) -> None:
        self._body = body
        self.filename, self.declared_type, self.declared_size = filename, declared_type, size
        self.labels = parse_labels(labels) if labels else {}

    async def open(self) -> None:
        """See Upload: the request's head has told everything."""

    def pieces(self) -> AsyncIterator[bytes]:
        """See Upload."""
        return self._body


class MultipartUpload:
    """The part named `file` of a multipart/form-data body (RFC 7578), beside an optional field `labels`."""

    def __init__(self, body: AsyncIterator[bytes], content_type: str) -> None:
        self._body = body
        self._parser = PushMultipartParser(_boundary(content_type), max_segment_count=MAX_FIELDS)
        self._events = self._parsed()
        self._field = bytearray()
        self.filename = ""
        self.declared_size: int | None = None
        self.declared_type: str | None = None
        self.labels: dict[str, str] = {}

    async def open(self) -> None:
        """See Upload."""
        async for event in self._events:
            if isinstance(event, MultipartSegment) and event.name == "file":
                self._take_head(event)
                return
            self._take_field(event)
        raise BadMultipart("There is no part named 'file'.")

    async def pieces(self) -> AsyncIterator[bytes]:
        """See Upload."""
        async for event in self._events:
            if event is None:
                break
            yield event
        async for event in self._events:
            if isinstance(event, MultipartSegment) and event.name == "file":
                raise BadMultipart("There are two parts named 'file'; send one file for each request.")
            self._take_field(event)

    async def _parsed(self) -> AsyncIterator[MultipartSegment | bytes | None]:
        """Yield a head, its bytes, None, and so on; past the final boundary the rest of the body is read away."""
        try:
            async for piece in self._body:
                for event in self._parser.parse(piece):
                    yield event
            self._parser.close()
        except ParserLimitReached as error:
            raise BadMultipart(f"The multipart body is over a limit: {error}.") from error
        except MultipartError as error:
            raise BadMultipart(f"The multipart body breaks off or is malformed: {error}.") from error

    def _take_head(self, head: MultipartSegment) -> None:
        if not head.filename:
            raise BadMultipart("The part 'file' carries no filename.")
        self.filename, self.declared_type = head.filename, head.content_type

    def _take_field(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            if event.name != "labels":
                raise BadMultipart("Only the parts 'file' and 'labels' are taken.")
            self._field.clear()
        elif event is None:
            self.labels = parse_labels(self._field.decode("utf-8", "replace"))
        elif len(self._field) + len(event) > MAX_LABELS_BYTES:
            raise BadLabels
        else:
            self._field += event


def parse_labels(text: str) -> dict[str, str]:
    """Return the labels of a JSON object of at most 32 printable strings, 4096 bytes. Raise BadLabels."""
    try:
        labels = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLabels("The labels are no JSON.") from error
    if not isinstance(labels, dict) or len(labels) > MAX_LABELS or len(text.encode()) > MAX_LABELS_BYTES:
        raise BadLabels
    if not all(isinstance(value, str) and value.isprintable() and key.isprintable() for key, value in labels.items()):
        raise BadLabels("Each label is a printable string.")
    return labels


def raw_filename(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the name of a raw body: `?filename=` or Content-Disposition (RFC 6266). Raise BadFilename."""
    name = sent_filename(headers, query)
    if not name:
        raise BadFilename("Name the file by ?filename= or Content-Disposition: attachment; filename=…")
    return name


def sent_filename(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the name as `raw_filename` does, or an empty one where there is none."""
    return query.get("filename") or _disposed(headers.get("content-disposition", "")) or ""


def _disposed(value: str) -> str | None:
    """Return the filename of a Content-Disposition; `filename*` (RFC 8187) goes before `filename`."""
    message = Message()
    message["content-disposition"] = value.encode("latin-1").decode("utf-8", "replace")
    names = [text for name, text in message.get_params([], "content-disposition") if name == "filename"]
    names.sort(key=lambda text: isinstance(text, str))
    return collapse_rfc2231_value(names[0]) if names else None


def _boundary(content_type: str) -> str:
    _, options = parse_options(content_type)
    if not options.get("boundary"):
        raise BadMultipart("The Content-Type names no boundary.")
    return str(options["boundary"])


def declared_length(headers: Mapping[str, str]) -> int | None:
    """Return Content-Length in bytes, or None for a chunked body. Raise IncompleteBody where it is no number."""
    text = headers.get("content-length")
    if text is None:
        return None
    if not text.isdecimal():
        raise IncompleteBody("Content-Length is no number.")
    return int(text)

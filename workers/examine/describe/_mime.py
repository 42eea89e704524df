"""A message's parts, streamed line by line in constant memory; it leaves what their headers say to mail.py.

Headers are parsed by the standard library. Its parser of bodies holds the message in memory and recurses into each
part, so the parts are told apart here: RFC 2046, section 5.1.
"""

import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import BinaryIO

from workers.examine.describe import Unreadable

MAX_BYTES = 64 * 1024 * 1024
"""How much of a message is read."""
MAX_HEADER_BYTES = 256 * 1024
"""All fields of one header together."""
MAX_FIELD_BYTES = 4096
"""The rest of a field is dropped: what parses it takes time that grows with the square of its length."""
MAX_PARTS = 1000
MAX_DEPTH = 100

_MAX_LINE_BYTES = 64 * 1024
_BLANK = (b"\n", b"\r\n", b"\r")

# compat32: the newer policies recurse into comments, and take over a second for 16 KiB of commas.
_HEADERS = BytesHeaderParser(policy=compat32)

Line = tuple[bytes, bool]
"""A line or a piece of one, and whether it is the beginning of a line."""


class Overlong(Exception):
    """The message goes on beyond what is read of it."""


@dataclass(slots=True)
class Part:
    """One part: its header, and its content's size in bytes, decoded, once all of it is read."""

    header: Message
    size: int | None = None

    @property
    def boundary(self) -> bytes | None:
        """What divides the parts within it; None where it holds content of its own."""
        if self.header.get_content_maintype() != "multipart":
            return None
        return (self.header.get_boundary() or "").encode("utf-8", "surrogateescape") or None


def parts(file: BinaryIO, *, mailbox: bool) -> Iterator[Part]:
    """Yield the parts from the file's position on, the message itself first, each once its header is read.

    Raise Unreadable where a header is too long or parts are nested too deeply, Overlong beyond the other bounds.
    """
    lines = _lines(file, mailbox=mailbox)
    delimiters: dict[bytes, int] = {}
    depth = 0
    for _ in range(MAX_PARTS):
        part = Part(_header(lines))
        yield part
        if boundary := part.boundary:
            if depth == MAX_DEPTH:
                raise Unreadable(f"Its parts are nested deeper than {MAX_DEPTH} levels.")
            delimiters[b"--" + boundary] = depth + 1
        following = _read_content(lines, delimiters, part)
        if following is None:
            return
        depth = following
    raise Overlong


def _lines(file: BinaryIO, *, mailbox: bool) -> Iterator[Line]:
    """Yield lines; in a mailbox a message ends where the next begins: RFC 4155, appendix A."""
    left, begins, blank = MAX_BYTES, True, False
    while line := file.readline(_MAX_LINE_BYTES):
        left -= len(line)
        if left < 0:
            raise Overlong
        if mailbox and blank and line.startswith(b"From "):
            return
        yield line, begins
        blank = begins and line in _BLANK
        begins = line.endswith(b"\n")


def _header(lines: Iterator[Line]) -> Message:
    kept: list[bytes] = []
    total = field = 0
    for line, begins in lines:
        if begins and line in _BLANK:
            break
        total += len(line)
        if total > MAX_HEADER_BYTES:
            raise Unreadable(f"A header in it is longer than {MAX_HEADER_BYTES} bytes.")
        if begins and line[:1] not in {b" ", b"\t"}:
            field = 0
        if room := max(0, MAX_FIELD_BYTES - field):
            kept += [b"\n" * begins, line.rstrip(b"\r\n")[:room]]
        field += len(line)
    return _HEADERS.parsebytes(b"".join(kept).lstrip(b"\n"))


def _read_content(lines: Iterator[Line], delimiters: dict[bytes, int], part: Part) -> int | None:
    """Count the part's bytes up to its end; return how deep the next part stands, None where there is no more."""
    decode = _decoder(part)
    size, line_end, counts = 0, 0, part.boundary is None
    following = None
    for line, begins in lines:
        if begins and line.startswith(b"--"):
            mark = line.rstrip()
            if mark in delimiters:
                following = delimiters[mark]
                _close(delimiters, following + 1)
                break
            if mark[:-2] in delimiters and mark.endswith(b"--"):
                _close(delimiters, delimiters[mark[:-2]])
                _finish(part, size - line_end)
                counts = False
        if counts:
            content = decode(line)
            size += len(content)
            line_end = len(content) - len(content.rstrip(b"\r\n"))
    if counts:
        # A line end before a delimiter belongs to the delimiter.
        _finish(part, size - line_end if following is not None else size)
    return following


def _close(delimiters: dict[bytes, int], depth: int) -> None:
    for mark in [mark for mark, its_depth in delimiters.items() if its_depth >= depth]:
        del delimiters[mark]


def _encoding(part: Part) -> str:
    return str(part.header.get("Content-Transfer-Encoding", "")).strip().lower()


def _decoder(part: Part) -> Callable[[bytes], bytes]:
    if _encoding(part) == "base64":
        return lambda line: line.translate(None, b"= \t\r\n")
    return binascii.a2b_qp if _encoding(part) == "quoted-printable" else bytes


def _finish(part: Part, size: int) -> None:
    """Note the size; four characters of Base64 hold three bytes."""
    part.size = size * 3 // 4 if _encoding(part) == "base64" else size

"""E-mail: what a message says of itself and what is attached; it leaves telling its parts apart to _mime.py."""

import codecs
import encodings
import pkgutil
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Any, BinaryIO, TypeVar

from shared.metadata import MAX_NAMES, AttachedFile, EmailMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._mime import MAX_BYTES, MAX_PARTS, Overlong, Part, parts
from workers.examine.describe._times import from_mail

KIND = "email"

T = TypeVar("T")

MAX_MAILBOX_BYTES = 1024 * 1024 * 1024
"""Beyond this a mailbox's messages are not counted."""

_MAILBOX_MARK = b"From "
_CHUNK_BYTES = 1024 * 1024
_NEXT_MESSAGE = re.compile(rb"\n\r?\nFrom ")
_OVERLAP_BYTES = len(b"\n\r\nFrom ") - 1

_OPTIONAL = frozenset({"subject", "author", "date", "message_id"})
# RFC 8551, section 3.2.2: what is neither of these is encrypted.
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SMIME_OPEN = frozenset({"signed-data", "certs-only", "compressed-data"})


def prepare() -> None:
    """Load every codec that there is, since a field may name any."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(LookupError, ImportError):  # some are for other systems
            codecs.lookup(module.name)


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return what the message tells, a mailbox's first one; raise Unreadable where no header is to be found."""
    del media_type
    file.seek(0)
    mailbox = file.read(len(_MAILBOX_MARK)) == _MAILBOX_MARK
    messages = _messages(file) if mailbox else 1
    file.seek(0)
    if mailbox:
        file.readline(_CHUNK_BYTES)
    content = _Content()
    warnings = []
    try:
        content.read(parts(file, mailbox=mailbox))
    except Overlong:
        warnings.append(f"the message is read for its first {MAX_BYTES} bytes and {MAX_PARTS} parts alone")
    return _described(content, "mbox" if mailbox else "rfc822", messages, warnings)


@dataclass(slots=True)
class _Content:
    """What is found from part to part; `whole` once all were read."""

    header: Message | None = None
    parts: int = 0
    html: bool = False
    signed: bool = False
    encrypted: bool = False
    attached: list[Part] = field(default_factory=list)
    attachments: int = 0
    whole: bool = False

    def read(self, found: Iterable[Part]) -> None:
        for part in found:
            self.header = part.header if self.header is None else self.header
            self._read(part)
        self.whole = True

    def _read(self, part: Part) -> None:
        type_ = part.header.get_content_type()
        smime = type_ in _SMIME
        is_open = smime and _parameter(part.header, "smime-type") in _SMIME_OPEN
        self.signed |= type_ == "multipart/signed" or _parameter(part.header, "smime-type") == "signed-data"
        self.encrypted |= type_ == "multipart/encrypted" or (smime and not is_open)
        if part.boundary is None:
            self.parts += 1
            self.html |= type_ == "text/html"
            if part.header.get_content_disposition() == "attachment" or part.header.get_filename():
                self.attachments += 1
                self.attached.extend([part][: MAX_NAMES - len(self.attached)])


def _described(content: _Content, format_: str, messages: int | None, warnings: list[str]) -> Described:
    if content.header is None or not content.header.keys():
        raise Unreadable("The content has no header of a message.")
    told, broken = _told(content.header)
    # What was found stands; what was not may be in a rest that was not read.
    unfound = False if content.whole else None
    metadata = EmailMetadata(
        format=format_,
        messages=messages,
        parts=content.parts if content.whole else None,
        has_html=content.html or unfound,
        signed=content.signed or unfound,
        encrypted=content.encrypted or unfound,
        attachments=content.attachments if content.whole else None,
        attached_files=tuple(map(_attached, content.attached)),
        **told,
    )
    return Described.of(metadata, *warnings, absent=_OPTIONAL - broken)


def _told(header: Message) -> tuple[dict[str, Any], set[str]]:
    """Return what the fields say by the metadata's names, and the names of those that say nothing."""
    told = {
        "subject": _field(header, "Subject", _decoded),
        "author": _field(header, "From", _author),
        "date": _field(header, "Date", from_mail),
        "message_id": _field(header, "Message-ID", lambda value: value.strip().strip("<>") or None),
        "recipients": _field(header, "To", _addresses) or (),
    }
    names = {"subject": "Subject", "author": "From", "date": "Date", "message_id": "Message-ID"}
    return told, {name for name, field_ in names.items() if told[name] is None and field_ in header}


def _field(header: Message, name: str, read: Callable[[str], T | None]) -> T | None:
    """Return what is read from the first field of a name; None where it is missing or malformed."""
    value = next((str(value) for key, value in header.raw_items() if key.lower() == name.lower()), None)
    if value is None:
        return None
    # RFC 6532 allows UTF-8; the parser keeps such bytes as lone surrogates.
    with suppress(ValueError, LookupError, MessageError, RecursionError):
        return read(value.encode("ascii", "surrogateescape").decode())
    return None


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def _author(value: str) -> str | None:
    people = [
        f"{_decoded(name)} <{address}>" if name else address for name, address in getaddresses([value]) if address
    ]
    return ", ".join(people) or None


def _addresses(value: str) -> tuple[str, ...]:
    return tuple(address for _, address in getaddresses([value]) if address)[:MAX_NAMES]


def _attached(part: Part) -> AttachedFile:
    name = None
    with suppress(ValueError, LookupError, MessageError):
        name = _decoded(part.header.get_filename() or "") or None
    return AttachedFile(name=name, media_type=part.header.get_content_type(), size=part.size)


def _parameter(header: Message, name: str) -> str:
    return str(header.get_param(name, "")).lower()


def _messages(file: BinaryIO) -> int | None:
    """Return how many messages a mailbox holds: RFC 4155, appendix A; None where it is too long to count."""
    file.seek(0)
    messages, rest = 1, b""
    while chunk := file.read(_CHUNK_BYTES):
        if file.tell() > MAX_MAILBOX_BYTES:
            return None
        window = rest + chunk
        ends = [found.end() for found in _NEXT_MESSAGE.finditer(window)]
        messages += len(ends)
        rest = window[max(0, len(window) - _OVERLAP_BYTES, *ends) :]
    return messages

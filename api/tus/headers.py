"""The request headers of tus 1.0.0 as values; it leaves what they mean for an upload to `handlers`."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from api.bodies import parse_labels
from shared.digest import Digest
from shared.errors import AppendTypeWrong, BadUploadHeader, NotJoinable, UnknownChecksum, UnsupportedVersion
from shared.ids import PATTERN

VERSION = "1.0.0"
APPEND_TYPE = "application/offset+octet-stream"
CHECKSUM_BYTES = MappingProxyType({"sha1": 20, "sha256": 32, "md5": 16, "crc32": 4})
"""To each algorithm of `Upload-Checksum` the length of its value."""
MAX_TYPE_LENGTH = 255

_NUMBER = re.compile(r"[0-9]{1,19}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
_UPLOAD_URL = re.compile(rf"(?:.*/)?({PATTERN})/?")


@dataclass(frozen=True)
class Metadata:
    """`Upload-Metadata`, and what of it means something to us."""

    raw: str = ""
    filename: str = ""
    declared_type: str | None = None
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Concat:
    """`Upload-Concat`: a part, or the whole made of the uploads with these ids."""

    raw: str
    parts: tuple[str, ...] | None = None
    """None for a part."""


def check_version(headers: Mapping[str, str]) -> None:
    """See "Tus-Resumable". Raise UnsupportedVersion."""
    if headers.get("tus-resumable") != VERSION:
        raise UnsupportedVersion


def check_append_type(headers: Mapping[str, str]) -> None:
    """See "PATCH". Raise AppendTypeWrong."""
    if not is_append(headers):
        raise AppendTypeWrong


def is_append(headers: Mapping[str, str]) -> bool:
    """Tell whether the body is an upload's bytes."""
    return headers.get("content-type", "").strip().lower() == APPEND_TYPE


def offset_of(headers: Mapping[str, str]) -> int:
    """See "Upload-Offset". Raise BadUploadHeader."""
    offset = _number(headers, "Upload-Offset")
    if offset is None:
        raise BadUploadHeader("Upload-Offset is missing.")
    return offset


def length_of(headers: Mapping[str, str]) -> int | None:
    """See "Upload-Length". Raise BadUploadHeader."""
    return _number(headers, "Upload-Length")


def created_length(headers: Mapping[str, str]) -> int | None:
    """Return the length of a new upload, None where it is deferred (see "Upload-Defer-Length").

    Raise BadUploadHeader where it is neither or both.
    """
    length, deferred = length_of(headers), headers.get("upload-defer-length")
    if deferred not in {None, "1"}:
        raise BadUploadHeader("Upload-Defer-Length is 1 or not there.")
    if (length is None) == (deferred is None):
        raise BadUploadHeader("Exactly one of Upload-Length and Upload-Defer-Length is needed.")
    return length


def metadata_of(headers: Mapping[str, str]) -> Metadata:
    """See "Upload-Metadata". Raise BadUploadHeader, or BadLabels."""
    raw = headers.get("upload-metadata", "").strip()
    if not raw:
        return Metadata()
    pairs = [pair.strip().partition(" ") for pair in raw.split(",")]
    values = {key: _decoded(value, key) for key, _, value in pairs if _KEY.fullmatch(key)}
    if len(values) != len(pairs):
        raise BadUploadHeader("Each key of Upload-Metadata is unique, in ASCII, and not empty.")
    texts = {key: value.decode("utf-8", "replace") for key, value in values.items()}
    labels = texts.get("labels")
    return Metadata(
        raw=raw,
        filename=texts.get("filename") or texts.get("name", ""),
        declared_type=_media_type(texts.get("filetype") or texts.get("type", "")),
        labels=parse_labels(labels) if labels else {},
    )


def checksum_of(headers: Mapping[str, str]) -> Digest | None:
    """See "Upload-Checksum". Raise UnknownChecksum."""
    sent = headers.get("upload-checksum")
    if sent is None:
        return None
    algorithm, _, encoded = sent.strip().partition(" ")
    if algorithm not in CHECKSUM_BYTES:
        raise UnknownChecksum(f"'{algorithm[:40]}' is none of {', '.join(CHECKSUM_BYTES)}.")
    try:
        value = base64.b64decode(encoded.strip(), validate=True)
    except ValueError as error:  # binascii.Error is one, a letter beyond ASCII another
        raise UnknownChecksum("The checksum is no Base64.") from error
    if len(value) != CHECKSUM_BYTES[algorithm]:
        raise UnknownChecksum(f"A {algorithm} has {CHECKSUM_BYTES[algorithm]} bytes, this one has {len(value)}.")
    return Digest(algorithm, value.hex())


def concat_of(headers: Mapping[str, str]) -> Concat | None:
    """See "Upload-Concat". The parts' URLs may be absolute or relative. Raise BadUploadHeader or NotJoinable."""
    sent = headers.get("upload-concat")
    if sent is None:
        return None
    raw = sent.strip()
    kind, _, urls = raw.partition(";")
    if raw == "partial":
        return Concat(raw)
    if kind != "final":
        raise BadUploadHeader("Upload-Concat is 'partial', or 'final;' and the URLs of the parts.")
    return Concat(raw, tuple(map(_id_in, urls.split())))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name.lower())
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise BadUploadHeader(f"{name} is no number of bytes.")
    return int(text)


def _decoded(value: str, key: str) -> bytes:
    try:
        return base64.b64decode(value.strip(), validate=True)
    except ValueError as error:
        raise BadUploadHeader(f"The value of '{key[:40]}' in Upload-Metadata is no Base64.") from error


def _media_type(text: str) -> str | None:
    if len(text) > MAX_TYPE_LENGTH or not text.isprintable():
        raise BadUploadHeader("The type in Upload-Metadata is no media type.")
    return text or None


def _id_in(url: str) -> str:
    try:
        found = _UPLOAD_URL.fullmatch(urlsplit(url).path)
    except ValueError:
        found = None
    if found is None:
        raise NotJoinable(f"'{url[:200]}' is no URL of an upload.")
    return found[1]

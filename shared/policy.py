"""Policy: what we admit, told by declared sizes and first bytes; it leaves the deeper look to the pipeline."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from shared.errors import MediaTypeNotAllowed, TooLarge
from shared.media_types import SETS, families_of_type

SNIFF_BYTES = 512
"""How many first bytes the front desk looks at; enough for every signature below."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WAVE", "audio/x-wav"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
)
"""Offset, bytes and media type of what can be told for certain without a parser (no parser runs in a service)."""

_SIBLINGS = {"video/mp4": ("image/heic", "image/heif", "image/avif", "image/jp2")}
"""Types of other families that share the signature of one: the first bytes cannot tell them apart."""


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show beyond doubt, else None."""
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset):
            return media_type
    return None


def _possible(seen: str) -> set[str]:
    """Return every type that may hide behind a signature: its family's, as a docx behind a zip, and its siblings'."""
    return {seen, *_SIBLINGS.get(seen, ())}.union(*(family.media_types for family in families_of_type(seen)))


@dataclass(frozen=True)
class Policy:
    """What is admitted: `max_bytes` for one file, and patterns of media types such as `video/*` or `*/*`."""

    max_bytes: int
    allowed_types: tuple[str, ...] = ("*/*",)

    @classmethod
    def of(cls, max_bytes: int, allowed: tuple[str, ...]) -> Self:
        """Return the policy of settings, which name sets and patterns. Raise ValueError for what is neither."""
        for name in allowed:
            if name not in SETS and "/" not in name:
                raise ValueError(f"'{name}' is no set; use {', '.join(SETS)} or a pattern like video/*")
        return cls(max_bytes, tuple(pattern for name in allowed for pattern in SETS.get(name, (name,))))

    def check_size(self, size: int) -> None:
        """Raise TooLarge where `size` bytes, declared or already received, are over the limit."""
        if size > self.max_bytes:
            raise TooLarge(f"At most {self.max_bytes} bytes are admitted.")

    def check_head(self, head: bytes) -> None:
        """Raise MediaTypeNotAllowed where the first bytes show a type that no pattern admits.

        Bytes without a certain type pass here: the pipeline, which sees the whole file, decides on those.
        """
        seen = sniff(head)
        if seen is not None and not any(map(self.admits, _possible(seen))):
            raise MediaTypeNotAllowed(f"The content is {seen}; admitted are {', '.join(self.allowed_types)}.")

    def admits(self, media_type: str) -> bool:
        """Tell whether a pattern matches the media type."""
        return any(fnmatchcase(media_type, pattern) for pattern in self.allowed_types)

"""Policy: what we admit, told by declared sizes and first bytes; it leaves the deeper look to the pipeline."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from shared.errors import MediaTypeNotAllowed, TooLarge

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

_SIBLINGS = {
    "video/mp4": ("video/quicktime", "audio/mp4", "image/heic", "image/avif"),
    "video/x-matroska": ("video/webm", "audio/webm"),
    "audio/ogg": ("video/ogg", "application/ogg"),
    "application/zip": (
        "application/vnd.openxmlformats-*",
        "application/vnd.oasis.*",
        "application/epub+zip",
    ),
}
"""Types that share the signature of another one: the first bytes cannot tell them apart."""


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show beyond doubt, else None."""
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset):
            return media_type
    return None


@dataclass(frozen=True)
class Policy:
    """What is admitted: `max_bytes` for one file, and patterns of media types such as `video/*` or `*/*`."""

    max_bytes: int
    allowed_types: tuple[str, ...] = ("*/*",)

    def check_size(self, size: int) -> None:
        """Raise TooLarge where `size` bytes, declared or already received, are over the limit."""
        if size > self.max_bytes:
            raise TooLarge(f"At most {self.max_bytes} bytes are admitted.")

    def check_head(self, head: bytes) -> None:
        """Raise MediaTypeNotAllowed where the first bytes show a type that no pattern admits.

        Bytes without a certain type pass here: the pipeline, which sees the whole file, decides on those.
        """
        seen = sniff(head)
        if seen is not None and not any(self.admits(t) for t in (seen, *_SIBLINGS.get(seen, ()))):
            raise MediaTypeNotAllowed(f"The content is {seen}; admitted are {', '.join(self.allowed_types)}.")

    def admits(self, media_type: str) -> bool:
        """Tell whether a pattern matches the media type."""
        return any(fnmatchcase(media_type, pattern) for pattern in self.allowed_types)

"""What the first bytes show beyond doubt, in plain Python; it leaves the deeper look to the cage."""

import re

SNIFF_BYTES = 512
"""How many first bytes the front desk looks at; enough for every signature below."""

# Windows shortcuts: the header's size and class, https://learn.microsoft.com/openspecs/windows_protocols/ms-shllink
_SHORTCUT = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\0asm", "application/wasm"),
    (0, _SHORTCUT, "application/x-ms-shortcut"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (0, b"ARROW1\x00\x00", "application/vnd.apache.arrow.file"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
)
"""Offset, bytes and media type of what can be told for certain without a parser (no parser runs in a service)."""

_PATTERNS = tuple(
    (re.compile(pattern, re.DOTALL), media_type)
    for pattern, media_type in (
        (rb"(?:RIFF|RIFX|RF64|BW64)....WAVE", "audio/wav"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"RIFF....AVI ", "video/x-msvideo"),
        (rb"\0...ftyp", "video/mp4"),
        (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "application/x-bzip2"),
        (rb"dex\n\d\d\d\0", "application/vnd.android.dex"),
        # Java's versions begin at 45; where they stand a fat Mach-O has its number of architectures.
        (rb"\xca\xfe\xba\xbe..\0[\x2d-\xff]", "application/java-vm"),
        (rb"\xca\xfe\xba\xbe\0\0\0[\x01-\x2c]", "application/x-mach-binary"),
        # These letters may begin a text too, but a text has no zeros.
        (rb"MZ.{,62}?\0", "application/vnd.microsoft.portable-executable"),
        (rb"ID3[\x02-\x04]", "audio/mpeg"),
        # Python 3.7 and later: the version's number, a line end, flags. https://peps.python.org/pep-0552/
        (rb".[\x0d-\x0f]\r\n[\0-\3]\0\0\0", "application/x-bytecode.python"),
    )
)
"""The same for what needs more than bytes in one place."""


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show beyond doubt, else None."""
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset):
            return media_type
    return next((media_type for pattern, media_type in _PATTERNS if pattern.match(head)), None)

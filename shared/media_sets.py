"""Sets of media types by name, as ALLOWED_TYPES takes them; it leaves families to media_types.py."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.media_types import OFFICE, OPEN, ZIP

_MACROS = (
    "application/vnd.ms-word.*.macroEnabled.12",
    "application/vnd.ms-excel.*.macroEnabled.12",
    "application/vnd.ms-powerpoint.*.macroEnabled.12",
)

SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "media": ("video/*", "audio/*", "image/*", "application/mp4", "application/ogg", "application/vnd.ms-asf"),
        "documents": (
            "text/*",
            "application/pdf",
            "application/rtf",
            "application/epub+zip",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.ms-outlook",
            "application/encrypted",
            f"{OFFICE}*",
            *_MACROS,
            f"{OPEN}*",
            "message/rfc822",
            "application/mbox",
        ),
        "archives": (
            ZIP,
            "application/java-archive",
            "application/vnd.android.package-archive",
            "application/vnd.google-earth.kmz",
            "application/gzip",
            "application/x-tar",
            "application/x-7z-compressed",
            "application/vnd.rar",
            "application/x-rar",
            "application/x-bzip2",
            "application/x-xz",
            "application/zstd",
        ),
        "data": (
            "text/csv",
            "text/tab-separated-values",
            "application/json",
            "application/x-ndjson",
            "application/geo+json",
            "application/vnd.sqlite3",
            "application/x-sqlite3",
            "application/x-hdf5",
            "application/vnd.apache.parquet",
            "application/vnd.apache.arrow.file",
            "application/vnd.apache.arrow.stream",
            "application/x-npy",
            "application/x-npz",
            "application/vnd.safetensors",
        ),
        "all": ("*/*",),
    }
)
"""Set's name → patterns of media types. `all` leaves out what is refused always: programs and scripts."""

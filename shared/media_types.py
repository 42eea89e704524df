"""The one table of media types: which share a format, their kind and extensions; it leaves comparing to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Family:
    """Types that share one format, so that a claim of any agrees with content of any.

    A firm family's content always shows itself, so content that does not show it disagrees with the claim.
    """

    kind: str
    media_types: frozenset[str]
    extensions: frozenset[str]
    firm: bool = True


def _family(kind: str, media_types: str, extensions: str, *, firm: bool = True) -> Family:
    return Family(kind, frozenset(media_types.split()), frozenset(extensions.split()), firm)


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

TEXT = _family(
    "text",
    # Rich text goes by the name of Word's old type, and browsers send CSV by that of Excel's.
    "application/msword application/vnd.ms-excel "
    "application/json application/x-ndjson application/jsonl application/ld+json application/geo+json "
    "application/xml application/xhtml+xml application/rss+xml application/atom+xml application/yaml "
    "application/x-yaml application/toml application/javascript application/x-javascript application/ecmascript "
    "application/sql application/x-sh application/x-subrip application/mbox application/x-wine-extension-ini "
    "application/x-setupscript application/vnd.apple.mpegurl application/x-mpegurl audio/x-mpegurl message/rfc822 "
    "image/svg+xml application/postscript application/rtf application/x-tex application/pgp-keys "
    "application/pgp-signature application/pgp-encrypted application/x-bat application/csv text/csv "
    "text/tab-separated-values application/x-jsonlines",
    ".txt .text .csv .tsv .json .jsonl .ndjson .geojson .md .markdown .rst .log .xml .yaml .yml .toml .ini .cfg .conf "
    ".env .html .htm .xhtml .css .js .mjs .cjs .jsx .ts .mts .tsx .py .sh .bash .bat .ps1 .c .h .cc .cpp .hpp .cs .go "
    ".rs .java .kt .rb .php .pl .lua .r .sql .srt .vtt .ass .sub .ics .vcf .eml .mbox .tex .bib .diff .patch .svg "
    ".rtf .ps .eps .m3u .m3u8 .mpd .sdp .rss .atom .properties .gpx .kml .asc .pem .crt .csr .gltf",
    firm=False,
)

# Texts whose structure we read; they stand in TEXT too, since their claims and plain text agree.
CSV = _family("table", "text/csv application/csv text/tab-separated-values", ".csv .tsv .tab", firm=False)
NDJSON = _family(
    "table", "application/x-ndjson application/jsonl application/x-jsonlines", ".ndjson .jsonl", firm=False
)
JSON = _family("json", "application/json application/ld+json application/geo+json", ".json .geojson", firm=False)

FAMILIES = (
    # The next two come before the families that hold the same types, for their kind.
    _family("email", "message/rfc822 application/mbox", ".eml .mbox", firm=False),
    _family(
        "office",
        f"{_OFFICE}wordprocessingml.document {_OFFICE}wordprocessingml.template {_OFFICE}spreadsheetml.sheet "
        f"{_OFFICE}spreadsheetml.template {_OFFICE}presentationml.presentation {_OFFICE}presentationml.template "
        f"{_OFFICE}presentationml.slideshow {_OPEN}text {_OPEN}text-template {_OPEN}spreadsheet "
        f"{_OPEN}spreadsheet-template {_OPEN}presentation {_OPEN}presentation-template {_OPEN}graphics "
        f"{_OPEN}graphics-template application/epub+zip application/msword application/vnd.ms-excel "
        "application/vnd.ms-powerpoint application/vnd.ms-office application/x-ole-storage application/CDFV2 "
        "application/encrypted",
        ".docx .docm .dotx .dotm .xlsx .xlsm .xltx .xltm .xlsb .pptx .pptm .potx .potm .ppsx .ppsm .odt .ott .ods .ots "
        ".odp .otp .odg .otg .epub",
    ),
    CSV,
    NDJSON,
    JSON,
    TEXT,
    _family("table", "application/vnd.apache.parquet application/x-parquet", ".parquet .pq"),
    _family(
        "table",
        "application/vnd.apache.arrow.file application/vnd.apache.arrow.stream application/x-feather",
        ".arrow .arrows .feather .ipc",
    ),
    _family("arrays", "application/x-npy application/x-numpy-data", ".npy"),
    _family("arrays", "application/x-npz", ".npz"),
    _family("arrays", "application/x-hdf5 application/x-hdf application/vnd.hdf5", ".h5 .hdf5 .he5"),
    _family("arrays", "application/vnd.safetensors application/x-safetensors", ".safetensors"),
    _family(
        "video",
        "video/mp4 video/quicktime video/x-m4v video/3gpp video/3gpp2 audio/mp4 audio/x-m4a audio/m4a audio/3gpp "
        "application/mp4 video/mp4v-es video/mj2",
        ".mp4 .m4v .mov .qt .3gp .3g2 .m4a .m4b .f4v .cmfv .mj2",
    ),
    _family(
        "video",
        "video/webm audio/webm video/x-matroska audio/x-matroska video/matroska audio/matroska",
        ".webm .weba .mkv .mka .mk3d",
    ),
    _family("video", "video/x-msvideo video/avi video/msvideo video/vnd.avi", ".avi .divx"),
    _family("video", "video/x-flv video/flv", ".flv"),
    _family("video", "video/mpeg video/mpv", ".mpg .mpeg .mpe .vob .m1v .m2v .m2p"),
    _family("video", "video/mp2t video/vnd.dlna.mpeg-tts", ".ts .mts .m2ts .m2t"),
    _family("video", "video/x-ms-asf video/x-ms-wmv audio/x-ms-wma application/vnd.ms-asf", ".asf .wmv .wma"),
    _family("video", "video/ogg audio/ogg application/ogg audio/opus audio/vorbis", ".ogg .ogv .oga .opus .spx"),
    _family("audio", "audio/mpeg audio/mp3 audio/x-mp3 audio/mpeg3", ".mp3 .mp2 .mpga"),
    _family("audio", "audio/wav audio/x-wav audio/wave audio/vnd.wave", ".wav .wave"),
    _family("audio", "audio/flac audio/x-flac", ".flac"),
    _family("audio", "audio/aac audio/x-aac audio/aacp", ".aac"),
    _family("audio", "audio/aiff audio/x-aiff", ".aif .aiff .aifc"),
    _family("audio", "audio/amr audio/amr-wb", ".amr .awb"),
    _family("image", "image/png image/apng image/x-png image/vnd.mozilla.apng", ".png .apng"),
    _family("image", "image/jpeg image/jpg image/pjpeg", ".jpg .jpeg .jpe .jfif .mpo"),
    _family("image", "image/gif", ".gif"),
    _family("image", "image/webp", ".webp"),
    _family("image", "image/tiff", ".tif .tiff .dng"),
    _family("image", "image/bmp image/x-ms-bmp image/x-bmp", ".bmp .dib"),
    _family("image", "image/avif", ".avif .avifs"),
    _family("image", "image/vnd.microsoft.icon image/x-icon", ".ico .cur"),
    _family("image", "image/jp2 image/jpx image/jpm", ".jp2 .jpx .j2k"),
    _family("image", "image/heic image/heif image/heic-sequence image/heif-sequence", ".heic .heif"),
    _family("pdf", "application/pdf application/x-pdf", ".pdf"),
    _family(
        "other",
        "application/zip application/x-zip-compressed application/java-archive application/epub+zip "
        f"application/vnd.android.package-archive application/x-zip {_OFFICE}wordprocessingml.document "
        f"{_OFFICE}spreadsheetml.sheet {_OFFICE}presentationml.presentation {_OPEN}text {_OPEN}spreadsheet "
        f"{_OPEN}presentation {_OPEN}graphics model/vnd.usdz+zip application/x-npz",
        ".zip .docx .xlsx .pptx .odt .ods .odp .odg .epub .jar .apk .whl .usdz .kmz .cbz .npz .docm .xlsm .pptm",
    ),
    _family("other", "application/gzip application/x-gzip application/x-compressed-tar", ".gz .tgz .svgz"),
    _family("other", "application/x-7z-compressed", ".7z"),
    _family("other", "application/vnd.rar application/x-rar application/x-rar-compressed", ".rar .cbr"),
    _family("other", "application/x-bzip2 application/bzip2", ".bz2 .tbz2"),
    _family("other", "application/x-xz", ".xz .txz"),
    _family("other", "application/zstd", ".zst"),
    _family("other", "application/vnd.sqlite3 application/x-sqlite3", ".sqlite .sqlite3"),
    _family(
        "other",
        "application/x-executable application/x-sharedlib application/x-pie-executable application/x-object "
        "application/x-coredump application/x-elf",
        ".so .elf .o .ko",
    ),
    _family(
        "other",
        "application/x-dosexec application/vnd.microsoft.portable-executable application/x-msdownload",
        ".exe .dll .sys .scr",
    ),
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
            f"{_OFFICE}*",
            f"{_OPEN}*",
            "message/rfc822",
            "application/mbox",
        ),
        "archives": (
            "application/zip",
            "application/java-archive",
            "application/vnd.android.package-archive",
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
            "application/vnd.apache.*",
            "application/x-npy",
            "application/x-npz",
            "application/vnd.safetensors",
        ),
        "all": ("*/*",),
    }
)
"""Set's name, as ALLOWED_TYPES takes it → patterns of media types."""


PREVIEWED = frozenset({"image", "video", "pdf", "audio", "office"})
"""The kinds of which a preview is made: those with a painter in workers/examine/preview."""


def kind_of(media_type: str) -> str:
    """Return the kind whose describer reads this content."""
    return next((family.kind for family in families_of_type(media_type)), "other")


def families_of_type(media_type: str) -> list[Family]:
    """Return the families that the type belongs to; any text that is not listed belongs to TEXT."""
    found = [family for family in FAMILIES if media_type in family.media_types]
    if not found and media_type.endswith("+json"):
        return [JSON, TEXT]
    if not found and (media_type.startswith("text/") or media_type.endswith("+xml")):
        return [TEXT]
    return found

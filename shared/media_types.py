"""The one table of media types: which share a format, their kind and extensions; it leaves comparing to others.

Sets by name, as ALLOWED_TYPES takes them, stand in media_sets.py.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Family:
    """Types that share one format, so that a claim of any agrees with content of any.

    A firm family's content always shows itself, so content that does not show it disagrees with the claim. All the
    others are text, where a claim of one agrees with content of another. `also` names types of other families that
    such content is too: a docx is a zip, a zip is no docx. What `runs` is a program.
    """

    kind: str
    media_types: frozenset[str]
    extensions: frozenset[str]
    firm: bool = True
    also: frozenset[str] = frozenset()
    runs: bool = False

    def bears_out(self, claim: "Family") -> bool:
        """Tell whether content of this family is what the claim says."""
        return claim is self or not (self.firm or claim.firm) or bool(self.also & claim.media_types)


def _family(kind: str, media_types: str, extensions: str, also: str = "") -> Family:
    types, suffixes, others = (frozenset(names.lower().split()) for names in (media_types, extensions, also))
    return Family(kind, types, suffixes, also=others)


def _text(kind: str, media_types: str, extensions: str, also: str = "") -> Family:
    return replace(_family(kind, media_types, extensions, also), firm=False)


def _program(media_types: str, extensions: str, also: str = "") -> Family:
    return replace(_family("other", media_types, extensions, also), runs=True)


_WORD = f"{OFFICE}wordprocessingml."
_SHEET = f"{OFFICE}spreadsheetml."
_SLIDES = f"{OFFICE}presentationml."
_WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.12 application/vnd.ms-word.template.macroEnabled.12"
_SHEET_MACROS = (
    "application/vnd.ms-excel.sheet.macroEnabled.12 application/vnd.ms-excel.template.macroEnabled.12 "
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
)
_SLIDES_MACROS = (
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12 application/vnd.ms-powerpoint.slideshow.macroEnabled.12"
)

TEXT = _text(
    "text",
    "application/xml application/xhtml+xml application/rss+xml application/atom+xml "
    "application/yaml application/x-yaml application/toml application/sql application/x-subrip "
    "application/x-wine-extension-ini application/x-setupscript application/vnd.apple.mpegurl application/x-mpegurl "
    "audio/x-mpegurl application/postscript application/x-tex application/pgp-keys "
    "application/pgp-signature application/pgp-encrypted",
    ".txt .text .md .markdown .rst .log .xml .yaml .yml .toml .ini .cfg .conf .env .html .htm .xhtml .css .ts .mts "
    ".tsx .c .h .cc .cpp .hpp .cs .go .rs .java .kt .sql .srt .vtt .ass .sub .ics .vcf .tex .bib .diff .patch "
    ".ps .eps .m3u .m3u8 .mpd .sdp .rss .atom .properties .gpx .kml .asc .pem .crt .csr .gltf "
    ".msg .dot .so",
)

SCRIPT = _text(
    "text",
    "text/x-python text/x-script.python application/x-python-code text/x-shellscript application/x-sh "
    "application/x-shellscript application/x-csh text/x-sh text/javascript application/javascript "
    "application/x-javascript application/ecmascript text/x-perl application/x-perl text/x-ruby application/x-ruby "
    "text/x-php application/x-php application/x-httpd-php text/x-lua text/x-tcl text/x-awk text/x-r "
    "text/x-msdos-batch application/x-bat",
    ".py .pyw .sh .bash .zsh .ksh .csh .fish .js .mjs .cjs .jsx .rb .pl .pm .php .lua .tcl .awk .sed .r .jl .groovy "
    ".exs .perl .bat .ps1 .cgi",
)
"""Code that an interpreter runs: a sender who says so sends a script on purpose."""

JSON = _text(
    "json",
    "application/json application/geo+json application/ld+json",
    ".json .geojson .ipynb .webmanifest",
)

_TEXTS = (
    TEXT,
    SCRIPT,
    # A drawing always shows itself, but it may be called a text.
    # Old word processors, and browsers after them, call rich text by Word's type.
    _text("text", "text/rtf application/rtf", ".rtf", also="application/msword"),
    _family("text", SVG, ".svg", also="application/xml"),
    JSON,
    # Browsers on Windows call a .csv by the program that opens it there.
    _text(
        "table", "text/csv application/csv text/tab-separated-values", ".csv .tsv .tab", also="application/vnd.ms-excel"
    ),
    _text("table", "application/x-ndjson application/jsonl application/x-jsonlines", ".ndjson .jsonl"),
    _text("email", "message/rfc822 application/mbox", ".eml .mbox"),
)

_MEDIA = (
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
    _family("image", "image/avif", ".avif .avifs", also="image/heif"),
    _family("image", "image/vnd.microsoft.icon image/x-icon", ".ico .cur"),
    _family("image", "image/jp2 image/jpx image/jpm", ".jp2 .jpx .j2k"),
    _family("image", "image/heic image/heif image/heic-sequence image/heif-sequence", ".heic .heif"),
)

_DOCUMENTS = (
    _family("pdf", "application/pdf application/x-pdf", ".pdf"),
    _family("office", f"{_WORD}document {_WORD}template", ".docx .dotx", also=ZIP),
    _family("office", f"{_SHEET}sheet {_SHEET}template", ".xlsx .xltx", also=ZIP),
    _family("office", f"{_SLIDES}presentation {_SLIDES}slideshow {_SLIDES}template", ".pptx .ppsx .potx", also=ZIP),
    _family("office", _WORD_MACROS, ".docm .dotm", also=ZIP),
    _family("office", _SHEET_MACROS, ".xlsm .xltm .xlsb", also=ZIP),
    _family("office", _SLIDES_MACROS, ".pptm .ppsm", also=ZIP),
    _family("office", f"{OPEN}text {OPEN}text-template", ".odt .ott", also=ZIP),
    _family("office", f"{OPEN}spreadsheet {OPEN}spreadsheet-template", ".ods .ots", also=ZIP),
    _family("office", f"{OPEN}presentation {OPEN}presentation-template", ".odp .otp", also=ZIP),
    _family("office", f"{OPEN}graphics {OPEN}graphics-template", ".odg .otg", also=ZIP),
    _family("office", "application/epub+zip", ".epub", also=ZIP),
    _family("office", "application/msword", ".doc .dot", also=OLE),
    _family("office", "application/vnd.ms-excel", ".xls .xlt", also=OLE),
    _family("office", "application/vnd.ms-powerpoint", ".ppt .pps .pot", also=OLE),
    _family("other", "application/vnd.ms-outlook", ".msg", also=OLE),
    # A password turns a docx into an OLE file: https://learn.microsoft.com/openspecs/office_file_formats/ms-offcrypto
    _family(
        "office",
        "application/encrypted",
        "",
        also=f"{OLE} {_WORD}document {_SHEET}sheet {_SLIDES}presentation "
        f"{_WORD_MACROS} {_SHEET_MACROS} {_SLIDES_MACROS}",
    ),
    _family("office", OLE, ""),
)

_ARCHIVES = (
    _family("archive", f"{ZIP} application/x-zip-compressed application/x-zip", ".zip .whl .cbz"),
    _family("archive", "application/java-archive application/x-java-jmod", ".jar .war .ear .jmod", also=ZIP),
    _family(
        "archive",
        "application/vnd.android.package-archive application/x-chrome-extension",
        ".apk .crx",
        also=f"{ZIP} application/java-archive",
    ),
    _family("archive", "model/vnd.usdz+zip", ".usdz", also=ZIP),
    _family("archive", "application/vnd.google-earth.kmz", ".kmz", also=ZIP),
    _family("archive", "application/x-tar application/x-gtar", ".tar"),
    _family("archive", "application/gzip application/x-gzip application/x-compressed-tar", ".gz .tgz .svgz"),
    _family("archive", "application/x-7z-compressed", ".7z .cb7"),
    _family("archive", "application/vnd.rar application/x-rar application/x-rar-compressed", ".rar .cbr"),
    _family("archive", "application/x-bzip2 application/bzip2", ".bz2 .tbz2"),
    _family("archive", "application/x-xz", ".xz .txz"),
    _family("archive", "application/zstd", ".zst .tzst"),
)

_DATA = (
    _family("table", "application/vnd.apache.parquet application/x-parquet", ".parquet .pq"),
    _family("table", "application/vnd.apache.arrow.file application/x-feather", ".arrow .feather .ipc"),
    _family("table", "application/vnd.apache.arrow.stream", ".arrows"),
    _family("arrays", "application/x-npy", ".npy"),
    _family("arrays", "application/x-npz", ".npz", also=ZIP),
    _family("arrays", "application/x-hdf5 application/x-hdf", ".h5 .hdf5 .hdf"),
    _family("arrays", "application/vnd.safetensors", ".safetensors"),
    _family("other", "application/vnd.sqlite3 application/x-sqlite3", ".sqlite .sqlite3"),
)

_PROGRAMS = (
    _program(
        "application/x-executable application/x-sharedlib application/x-pie-executable application/x-object "
        "application/x-coredump application/x-elf",
        ".so .elf .o .ko",
    ),
    _program(
        "application/vnd.microsoft.portable-executable application/x-dosexec application/x-msdownload",
        ".exe .dll .sys .scr",
    ),
    _program("application/x-mach-binary", ".dylib"),
    _program("application/java-vm application/x-java-applet", ".class"),
    _program("application/vnd.android.dex", ".dex"),
    _program("application/wasm", ".wasm"),
    _program("application/x-bytecode.python", ".pyc"),
    _program("application/x-msi", ".msi .msp", also=OLE),
    _program("application/x-ms-shortcut", ".lnk"),
)

FAMILIES = (*_TEXTS, *_MEDIA, *_DOCUMENTS, *_ARCHIVES, *_DATA, *_PROGRAMS)

PREVIEWED = frozenset({"image", "video", "pdf", "audio", "office"})
"""The kinds of which a preview is made: those with a painter in workers/examine/preview."""


def kind_of(media_type: str) -> str:
    """Return the kind whose describer reads this content."""
    return next((family.kind for family in families_of_type(media_type)), "other")


def families_of_type(media_type: str) -> list[Family]:
    """Return the families that the type belongs to; any text that is not listed belongs to TEXT or JSON."""
    media_type = media_type.lower()
    found = [family for family in FAMILIES if media_type in family.media_types]
    if not found and (media_type.startswith("text/") or media_type.endswith(("+json", "+xml"))):
        return [JSON if media_type.endswith("+json") else TEXT]
    return found


def families_of_name(filename: str | None) -> list[Family]:
    """Return the families that the filename's extension stands for."""
    extension = PurePosixPath(filename or "").suffix.lower()
    return [family for family in FAMILIES if extension in family.extensions]


def families_built_on(media_type: str) -> list[Family]:
    """Return the type's own families and those whose content is of this type too, as a docx is a zip."""
    return [*families_of_type(media_type), *(family for family in FAMILIES if media_type in family.also)]


def built_on(media_type: str, base: str) -> bool:
    """Tell whether content of the first type is of the other too."""
    families = families_built_on(base)
    return any(family in families for family in families_of_type(media_type))


def declared(content_type: str | None) -> str:
    """Return the media type of a Content-Type header, without parameters and in lower case."""
    return (content_type or UNKNOWN).partition(";")[0].strip().lower()
